"""A landed file under a contract: parsed, judged, split, written; memory does not grow with the file."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import polars as pl

from lakeloop.contract import DatasetContract
from lakeloop.errors import UnreadableObjectError
from lakeloop.ingest.features import Indistinct
from lakeloop.ingest.gate import PLACE, Gate, JudgedBlock, refused, units_named
from lakeloop.ingest.parquet_parts import ParquetParts
from lakeloop.ingest.placing import key_texts, split_names
from lakeloop.ingest.quality import Tally, broken_limit
from lakeloop.ingest.quarantine import set_aside, set_damaged_aside
from lakeloop.ingest.ranges import Ranges
from lakeloop.ingest.repeats import LastRows, Repeats
from lakeloop.ingest.transformed import TransformedFile
from lakeloop.lake.layout import LANDED_COLUMN, SOURCE_COLUMN
from lakeloop.side_by_side import ahead
from lakeloop.streams import ByteStream, HashingStream
from lakeloop.tables import Block, Form
from lakeloop.tables.opening import open_table

BLOCK_BYTES = 4 * 1024 * 1024
QUARANTINE = "quarantine"
EPOCH = datetime.fromtimestamp(0, UTC)
NO_KEYS = pl.Series([], dtype=pl.String)
NO_ROWS = pl.Series([], dtype=pl.UInt64)
MOST_NOTES = 200
NO_LABEL = "_no_label"
"""No column of a contract begins with an underscore, and reasons against a whole row name none."""

Opener = Callable[[], ByteStream]


@dataclass(frozen=True)
class Origin:
    """Where rows come from, which they carry: the address of the file, and when it landed, in seconds since 1970."""

    uri: str
    landed: float = 0

    @property
    def columns(self) -> list[pl.Expr]:
        landed = (datetime.fromtimestamp(self.landed, UTC) - EPOCH) // timedelta(microseconds=1)
        return [
            pl.lit(self.uri).alias(SOURCE_COLUMN),
            pl.lit(landed, pl.Int64).cast(pl.Datetime("us", "UTC")).alias(LANDED_COLUMN),
        ]


def transform(
    contract: DatasetContract,
    opener: Opener,
    name: str,
    folder: Path,
    block_bytes: int = BLOCK_BYTES,
    *,
    origin: Origin | None = None,
) -> TransformedFile:
    """Read a file once, and once more where a limit for the whole file is broken: then all its rows are set aside.

    Raises UnreadableObjectError when the bytes are no table.
    """
    origin = origin or Origin(name)
    for seed in _seeds():
        last = superseded(contract, opener, name, block_bytes, seed) if contract.repeated == "last" else None
        first = FilePass(contract, folder / uuid4().hex, origin, seed, last=last)
        result = first.run(opener(), name, block_bytes)
        broken, mistaken = broken_limit(contract, first.tally), first.mistook_keys(result)
        # What it remembers of cells and keys would lie beside what the next pass does.
        del first
        if not mistaken:
            break
        result.forget()
    if broken is None:
        return result
    result.forget()
    second = FilePass(contract, folder / uuid4().hex, origin, seed, last=last, refusal=broken)
    return second.run(opener(), name, block_bytes)


def _seeds() -> Iterator[int]:
    """Of the hashes that tell keys apart: one, and where two keys met under it, others that nobody foresees."""
    yield 0
    while True:
        yield secrets.randbits(64)


class FilePass:
    """One pass over one file. With a `refusal` every row is set aside, for it and for its own reasons."""

    def __init__(
        self,
        contract: DatasetContract,
        folder: Path,
        origin: Origin,
        seed: int,
        *,
        last: pl.Series | None,
        refusal: str = "",
    ) -> None:
        self._contract = contract
        self._gate = Gate(contract)
        self._origin = origin
        self._ranges = Ranges(contract, folder)
        self._quarantine = ParquetParts(folder, QUARANTINE)
        self._repeats = Repeats(contract, last, folder, seed)
        self._refusal = refusal
        self._indistinct = Indistinct(contract)
        self._notes: Counter[str] = Counter()
        self.tally = Tally()

    def run(self, stream: ByteStream, name: str, block_bytes: int) -> TransformedFile:
        """Raises UnreadableObjectError when the bytes are no table."""
        hashed = HashingStream(stream)
        found = blocks(self._contract, self._gate, hashed, name, block_bytes)
        for block, judged in ahead((block, judge(self._gate, block)) for block in found):
            self._take(block, judged)
            self._ranges.passed(block_bytes)
        if not self.tally.rows_in:
            raise UnreadableObjectError("the file has no rows: the first line names the columns, rows follow")
        self._ranges.close()
        return TransformedFile(
            rows_in=self.tally.rows_in,
            rows_committed=self._ranges.counts.total,
            rows_quarantined=self._quarantine.rows,
            sha256=hashed.hexdigest(),
            counts=self._ranges.counts,
            quarantine=self._quarantine.finish(),
            notes={**self._notes, **self._indistinct.notes()},
            written=self._ranges,
        )

    def mistook_keys(self, result: TransformedFile) -> bool:
        """Whether two keys had one hash, so that a row was set aside that has no other of its key."""
        return self._repeats.mistaken(lambda: _kept_keys(self._contract, result))

    def _take(self, block: Block, judged: JudgedBlock) -> None:
        """Put each of the records of one block where it belongs."""
        rows, damaged_rows = numbered(block, self.tally.rows_in)
        self.tally.rows_in += len(rows) + len(damaged_rows)
        # Units stand under names: in a file without a header, or of objects, there are none.
        if judged.refusals.height and rows[0] == 1 and block.form == Form.TEXT and block.names is not None:
            judged = units_named(judged)
        keys = self._keys(judged.good)
        repeated = self._repeats.among(judged.good, keys, rows)
        self._count(block, judged.refusals, repeated)
        self._note(judged.notes)
        refusals = [some for some in (judged.refusals, repeated) if some.height]
        if self._refusal:
            refusals = [refused(pl.int_range(block.frame.height, eager=True), self._refusal), *refusals]
        else:
            good = judged.good
            if repeated.height:
                once = ~good[PLACE].is_in(repeated["place"].implode())
                good, keys = good.filter(once), keys.filter(once)
            self._keep(good, keys)
        if refusals:
            set_aside(
                self._quarantine,
                rows=rows,
                lines=block.lines,
                refusals=pl.concat(refusals),
                raw=block.raw,
                sensitive=self._contract.sensitive,
            )
        if block.damaged:
            set_damaged_aside(self._quarantine, damaged_rows, block.damaged, self._refusal)

    def _keys(self, good: pl.DataFrame) -> pl.Series:
        """The keys of the rows, where one is asked for."""
        by_key = self._contract.repeated != "keep" or self._contract.splits.by is None
        return key_texts(self._contract, good) if by_key and good.height else NO_KEYS

    def _note(self, notes: Mapping[str, int]) -> None:
        """Objects may have another unlisted key in each line."""
        for note, count in notes.items():
            known = note in self._notes or len(self._notes) < MOST_NOTES
            self._notes[note if known else "other notes"] += count

    def _keep(self, rows: pl.DataFrame, keys: pl.Series) -> None:
        if rows.is_empty():
            return
        self.tally.good += rows.height
        self.tally.nulls.update({column.name: column.null_count() for column in rows})
        self._indistinct.add(rows)
        split = split_names(self._contract, rows, keys)
        self._ranges.add(rows.select(pl.exclude(PLACE), *self._origin.columns), split)

    def _count(self, block: Block, refusals: pl.DataFrame, repeated: pl.DataFrame) -> None:
        if refusals.height:
            label = self._contract.label or NO_LABEL
            unlabelled = refusals.group_by("place").agg(
                ((pl.col("column") == label) & pl.col("value").is_null()).all().alias("only")
            )
            missing = int(unlabelled["only"].sum())
            self.tally.unlabelled += missing
            self.tally.rejected += unlabelled.height - missing
        self.tally.repeated += repeated.height
        self.tally.rejected += len(block.damaged)
        self.tally.settings.update(record.setting for record in block.damaged if record.setting)
        skipped = {
            "comment lines": block.skipped.comments,
            "footer lines": block.skipped.footers,
            "empty lines": block.skipped.empty,
        }
        self._notes.update({what: count for what, count in skipped.items() if count})


def _kept_keys(contract: DatasetContract, result: TransformedFile) -> Iterator[pl.Series]:
    """The keys of the rows that were not set aside, some at a time."""
    for rows in result.columns(contract.row_key or [column.name for column in contract.kept]):
        yield key_texts(contract, rows)


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
    if not block.damaged:
        return pl.int_range(before + 1, before + 1 + block.frame.height, dtype=pl.UInt64, eager=True), NO_ROWS
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


def superseded(contract: DatasetContract, opener: Opener, name: str, block_bytes: int, seed: int) -> pl.Series:
    """The numbers of the rows that a later row of the file replaces."""
    gate, last, before = Gate(contract), LastRows(seed), 0
    for block in blocks(contract, gate, opener(), name, block_bytes):
        rows, damaged = numbered(block, before)
        before += len(rows) + len(damaged)
        if (good := judge(gate, block).good).height:
            last.add(good, key_texts(contract, good), rows)
    return last.superseded()
