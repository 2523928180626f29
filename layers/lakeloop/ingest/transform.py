"""A landed file under a contract: parsed, judged, split, written; memory does not grow with the file."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import polars as pl

from lakeloop.contract import DatasetContract
from lakeloop.errors import UnreadableObjectError
from lakeloop.ingest.features import Indistinct, features_frame
from lakeloop.ingest.gate import PLACE, Gate, JudgedBlock, refused, units_named
from lakeloop.ingest.parquet_parts import ParquetParts
from lakeloop.ingest.placing import split_names
from lakeloop.ingest.quality import Tally, broken_limit
from lakeloop.ingest.quarantine import set_aside, set_damaged_aside
from lakeloop.ingest.repeats import LastRows, Repeats
from lakeloop.lake.layout import GAP, SPLITS
from lakeloop.streams import ByteStream
from lakeloop.tables import Block, Form
from lakeloop.tables.opening import open_table

BLOCK_BYTES = 8 * 1024 * 1024
QUARANTINE = "quarantine"
MOST_NOTES = 200
NO_LABEL = "_no_label"
"""No column of a contract begins with an underscore, and reasons against a whole row name none."""

Opener = Callable[[], ByteStream]


@dataclass(frozen=True)
class TransformedFile:
    """What became of one file: `rows_in` = `rows_committed` + `rows_quarantined`, whatever was in it.

    `rows` and `features` are Parquet files by split: typed rows, and Float32 with the label first. `notes` count what
    was done in silence: "ignored column: x", "comment lines".
    """

    rows_in: int
    rows_committed: int
    rows_quarantined: int
    sha256: str
    rows: Mapping[str, Path]
    features: Mapping[str, Path]
    quarantine: Path | None
    notes: Mapping[str, int]


class HashingStream:
    """Hashes what passes, so that the commit can say which bytes it was made of."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._sha256 = hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        piece = self._stream.read(size)
        self._sha256.update(piece)
        return piece

    def hexdigest(self) -> str:
        return self._sha256.hexdigest()


def transform(
    contract: DatasetContract, opener: Opener, name: str, folder: Path, block_bytes: int = BLOCK_BYTES
) -> TransformedFile:
    """Read a file once, and once more where a limit for the whole file is broken: then all its rows are set aside.

    Raises UnreadableObjectError when the bytes are no table.
    """
    last = superseded(contract, opener, name, block_bytes) if contract.repeated == "last" else None
    first = FilePass(contract, Path(mkdtemp(dir=folder)), last=last)
    result = first.run(opener(), name, block_bytes)
    broken = broken_limit(contract, first.tally)
    # What it remembers of cells and keys would lie beside what the next pass does.
    del first
    if broken is None:
        return result
    for path in (*result.rows.values(), *result.features.values(), *filter(None, [result.quarantine])):
        path.unlink()
    return FilePass(contract, Path(mkdtemp(dir=folder)), last=last, refusal=broken).run(opener(), name, block_bytes)


class FilePass:
    """One pass over one file. With a `refusal` every row is set aside, for it and for its own reasons."""

    def __init__(
        self, contract: DatasetContract, folder: Path, *, last: pl.Series | None = None, refusal: str = ""
    ) -> None:
        self._contract = contract
        self._gate = Gate(contract)
        self._rows = {split: ParquetParts(folder, f"rows-{split}") for split in (*SPLITS, GAP)}
        self._features = {split: ParquetParts(folder, f"features-{split}") for split in SPLITS}
        self._quarantine = ParquetParts(folder, QUARANTINE)
        self._repeats = Repeats(contract, last)
        self._refusal = refusal
        self._indistinct = Indistinct(contract)
        self._notes: Counter[str] = Counter()
        self.tally = Tally()

    def run(self, stream: ByteStream, name: str, block_bytes: int) -> TransformedFile:
        """Raises UnreadableObjectError when the bytes are no table."""
        hashed = HashingStream(stream)
        for block in blocks(self._contract, self._gate, hashed, name, block_bytes):
            self._take(block)
        if not self.tally.rows_in:
            raise UnreadableObjectError("the file has no rows: the first line names the columns, rows follow")
        return TransformedFile(
            rows_in=self.tally.rows_in,
            rows_committed=sum(parts.rows for parts in self._rows.values()),
            rows_quarantined=self._quarantine.rows,
            sha256=hashed.hexdigest(),
            rows=_finished(self._rows),
            features=_finished(self._features),
            quarantine=self._quarantine.finish(),
            notes={**self._notes, **self._indistinct.notes()},
        )

    def _take(self, block: Block) -> None:
        """Judge the records of one block and put each where it belongs."""
        rows, damaged_rows = numbered(block, self.tally.rows_in)
        self.tally.rows_in += len(rows) + len(damaged_rows)
        judged = judge(self._gate, block)
        # Units stand under names: in a file without a header, or of objects, there are none.
        if 1 in rows and block.form == Form.TEXT and block.names is not None:
            judged = units_named(judged)
        repeated = self._repeats.among(judged.good, rows)
        self._count(block, judged.refusals, repeated)
        self._note(judged.notes)
        good = judged.good.filter(~pl.col(PLACE).is_in(repeated["place"].implode()))
        refusals = [judged.refusals, repeated]
        if self._refusal:
            everywhere = pl.int_range(block.frame.height, eager=True)
            refusals = [refused(everywhere, self._refusal), *refusals]
        else:
            self._keep(good.drop(PLACE))
        set_aside(self._quarantine, rows=rows, lines=block.lines, refusals=pl.concat(refusals), raw=block.raw)
        set_damaged_aside(self._quarantine, damaged_rows, block.damaged, self._refusal)

    def _note(self, notes: Mapping[str, int]) -> None:
        """Objects may have another unlisted key in each line."""
        for note, count in notes.items():
            known = note in self._notes or len(self._notes) < MOST_NOTES
            self._notes[note if known else "other notes"] += count

    def _keep(self, rows: pl.DataFrame) -> None:
        if rows.is_empty():
            return
        self.tally.good += rows.height
        self.tally.nulls.update(rows.null_count().row(0, named=True))
        self._indistinct.add(rows)
        split = split_names(self._contract, rows)
        for name, parts in self._rows.items():
            some = rows.filter(split == name)
            parts.add(some)
            if self._contract.problem and name in self._features:
                self._features[name].add(features_frame(self._contract, some))

    def _count(self, block: Block, refusals: pl.DataFrame, repeated: pl.DataFrame) -> None:
        label = self._contract.label or NO_LABEL
        unlabelled = refusals.group_by("place").agg(
            ((pl.col("column") == label) & pl.col("value").is_null()).all().alias("only")
        )
        missing = int(unlabelled["only"].sum())
        self.tally.unlabelled += missing
        self.tally.repeated += repeated.height
        self.tally.rejected += unlabelled.height - missing + len(block.damaged)
        self.tally.settings.update(record.setting for record in block.damaged if record.setting)
        skipped = {
            "comment lines": block.skipped.comments,
            "footer lines": block.skipped.footers,
            "empty lines": block.skipped.empty,
        }
        self._notes.update({what: count for what, count in skipped.items() if count})


def blocks(contract: DatasetContract, gate: Gate, stream: ByteStream, name: str, block_bytes: int) -> Iterator[Block]:
    """The records of a file, opened as its contract says."""
    table = open_table(
        stream,
        contract.file,
        name,
        width=None if contract.file.header else len(contract.columns),
        expected=lambda names: not gate.matched(names).problems,
        wanted=gate.wants,
    )
    return table.blocks(block_bytes)


def numbered(block: Block, before: int) -> tuple[pl.Series, pl.Series]:
    """The numbers of a block's readable and damaged records among all of the file, which count from 1."""
    damaged = pl.Series([record.line for record in block.damaged], dtype=pl.UInt64)
    order = pl.concat([block.lines.cast(pl.UInt64).rename("line"), damaged.rename("line")]).rank("ordinal")
    rows = order.cast(pl.UInt64) + before
    return rows[: block.frame.height], rows[block.frame.height :]


def judge(gate: Gate, block: Block) -> JudgedBlock:
    """The verdict on a block, whose header may fit the contract or not."""
    matched = gate.matched(block.names, complete=block.form != Form.JSON)
    if not matched.problems:
        return gate.judge(block, matched)
    everywhere = pl.int_range(block.frame.height, eager=True)
    return JudgedBlock(
        pl.DataFrame(schema={PLACE: pl.UInt32}), pl.concat([refused(everywhere, rule) for rule in matched.problems])
    )


def superseded(contract: DatasetContract, opener: Opener, name: str, block_bytes: int) -> pl.Series:
    """The numbers of the rows that a later row of the file replaces."""
    gate, last, before = Gate(contract), LastRows(contract), 0
    for block in blocks(contract, gate, opener(), name, block_bytes):
        rows, damaged = numbered(block, before)
        before += len(rows) + len(damaged)
        last.add(judge(gate, block).good, rows)
    return last.superseded()


def _finished(parts: Mapping[str, ParquetParts]) -> dict[str, Path]:
    return {split: path for split, written in parts.items() if (path := written.finish())}
