"""One streaming pass over a landed file: parse, judge, split, write Parquet; memory does not grow with the file."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from lakeloop.contract import DatasetContract
from lakeloop.errors import UnreadableObjectError
from lakeloop.ingest.csv_blocks import BLOCK_BYTES, read_header, record_blocks
from lakeloop.ingest.keys import SeenKeys
from lakeloop.ingest.ports import ByteStream
from lakeloop.ingest.rules import REASON, Rule, column_rules, encoded, header_rules, trimmed
from lakeloop.ingest.splits import SPLITS, split_names

# Where polars puts the first field that a row has too many.
SURPLUS = "surplus field"
QUARANTINE = "quarantine"
# Reasons take many times the memory of the rows they are for.
ROWS_AT_ONCE = 20_000
BLANK_LINES = re.compile(rb"\n[\r\n]+")

# What polars says of a table it cannot read, and what we say: its words quote the cell.
FAULTS = {
    "utf-8": "not UTF-8: save the file as UTF-8",
    "utf8": "not UTF-8: save the file as UTF-8",
    "not properly escaped": "a quote stands inside a cell: put the whole cell in quotes and double those inside",
}


@dataclass(frozen=True)
class TransformedFile:
    """What became of one file: `rows_in` = `rows_committed` + `rows_quarantined`, whatever was in it."""

    rows_in: int
    rows_committed: int
    rows_quarantined: int
    sha256: str
    splits: dict[str, Path]
    quarantine: Path | None


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


@dataclass
class ParquetParts:
    """One Parquet file written block by block: a part each, streamed into one at the end."""

    folder: Path
    name: str
    rows: int = 0
    _parts: list[Path] = field(default_factory=list)

    def add(self, frame: pl.DataFrame) -> None:
        if frame.is_empty():
            return
        part = self.folder / f"{self.name}-{len(self._parts):05}.part"
        frame.write_parquet(part, compression="zstd")
        self._parts.append(part)
        self.rows += frame.height

    def finish(self) -> Path | None:
        if not self._parts:
            return None
        whole = self.folder / f"{self.name}.parquet"
        if len(self._parts) == 1:
            return self._parts[0].rename(whole)
        pl.scan_parquet(self._parts, glob=False).sink_parquet(whole, compression="zstd", maintain_order=True)
        for part in self._parts:
            part.unlink()
        return whole


class FileTransform:
    """The transform of one CSV file under one contract.

    `everywhere` are rules that hold or fail for the file as a whole: with one of them every row is quarantined.
    """

    def __init__(self, contract: DatasetContract, folder: Path, everywhere: Sequence[Rule] = ()) -> None:
        self._contract = contract
        self._everywhere = list(everywhere)
        self._splits = {name: ParquetParts(folder, name) for name in SPLITS}
        self._quarantine = ParquetParts(folder, QUARANTINE)
        self._seen = SeenKeys()
        self._rows_in = 0

    def run(self, stream: ByteStream, block_bytes: int = BLOCK_BYTES) -> TransformedFile:
        """Raises UnreadableObjectError when the bytes are no CSV table."""
        hashed = HashingStream(stream)
        header: list[str] = []
        rules: list[Rule] = []
        for block in record_blocks(hashed, block_bytes):
            records = block
            if not header:
                header, records = read_header(block)
                rules = self._rules(header)
            if records:
                self._take(_parse(records, header, after=self._rows_in), rules)
        if not self._rows_in:
            raise UnreadableObjectError("the file has no rows: the first line names the columns, rows follow")
        return TransformedFile(
            rows_in=self._rows_in,
            rows_committed=sum(parts.rows for parts in self._splits.values()),
            rows_quarantined=self._quarantine.rows,
            sha256=hashed.hexdigest(),
            splits={name: path for name, parts in self._splits.items() if (path := parts.finish())},
            quarantine=self._quarantine.finish(),
        )

    def _rules(self, header: list[str]) -> list[Rule]:
        columns = [column for column in self._contract.columns if column.name in header]
        return [
            *self._everywhere,
            *header_rules(self._contract, header),
            Rule(SURPLUS, f"columns: {len(header)}, as the header names", pl.col(SURPLUS).is_not_null()),
            *(rule for column in columns for rule in column_rules(column)),
        ]

    def _take(self, rows: pl.DataFrame, rules: list[Rule]) -> None:
        """Judge the rows of one block and put each where it belongs."""
        numbered = rows.with_row_index("row", offset=self._rows_in + 1)
        self._rows_in += rows.height
        bad = pl.any_horizontal(rule.broken for rule in rules).fill_null(value=False)
        judged = numbered.with_columns(bad.alias("bad"))
        good = judged.filter(~pl.col("bad")).drop("bad")
        self._reject(judged.filter("bad").drop("bad"), rules)
        if not good.is_empty():
            fresh = self._seen.first_of_each(good[self._contract.row_key[0]])
            self._reject(good.filter(~fresh), [self._duplicate_rule()])
            self._keep(good.filter(fresh))

    def _duplicate_rule(self) -> Rule:
        return Rule(self._contract.row_key[0], "unique: an earlier row has this key", pl.lit(value=True))

    def _keep(self, rows: pl.DataFrame) -> None:
        contract = self._contract
        split = split_names(rows[contract.row_key[0]], contract.splits)
        numbers = rows.select(
            encoded(contract.label_column, contract.classes).alias(contract.label_column.name),
            *(encoded(column).alias(column.name) for column in contract.features),
        )
        for name, parts in self._splits.items():
            parts.add(numbers.filter(split == name))

    def _reject(self, rows: pl.DataFrame, rules: list[Rule]) -> None:
        """Write the rows with all their reasons: `row` (1 = first behind the header), `reasons`, `data` (JSON)."""
        reasons = pl.concat_list(rule.reason().cast(REASON) for rule in rules).list.drop_nulls()
        data = pl.struct(pl.exclude("row")).struct.json_encode()
        for some in rows.iter_slices(ROWS_AT_ONCE):
            self._quarantine.add(some.select("row", reasons.alias("reasons"), data.alias("data")))


def _parse(records: bytes, header: list[str], after: int) -> pl.DataFrame:
    """Rows of trimmed text, a column for each name of the header and one for what a row has too many.

    A line without any value is no row. `after` is how many rows came before.
    """
    columns = [*header, SURPLUS]
    if b'"' not in records:
        # A blank line costs as much memory as a row; between quotes it belongs to a value.
        records = BLANK_LINES.sub(b"\n", records)
    try:
        rows = pl.read_csv(
            records,
            has_header=False,
            schema=dict.fromkeys(columns, pl.String),
            truncate_ragged_lines=True,
            missing_columns="insert",
            # A row with more than one field too many is told by the first of them.
            extra_columns="ignore",
        )
    except pl.exceptions.PolarsError as error:
        said = str(error).lower()
        fault = next((sentence for words, sentence in FAULTS.items() if words in said), type(error).__name__)
        # Not `from error`: its text holds the cell, and a trace is logged with it.
        raise UnreadableObjectError(f"not a CSV table in UTF-8, behind row {after}: {fault}") from None
    return rows.select(trimmed(columns)).filter(pl.any_horizontal(pl.all().is_not_null()))


def quality_rule(contract: DatasetContract, result: TransformedFile) -> Rule | None:
    """The limit of the contract that the file breaks as a whole, if any."""
    quality = contract.quality
    if result.rows_in < quality.min_rows:
        return Rule("", f"file: {result.rows_in} rows, at least {quality.min_rows} expected", pl.lit(value=True))
    rejected = result.rows_quarantined / result.rows_in
    if rejected > quality.max_rejected_fraction:
        limit = f"at most {quality.max_rejected_fraction:.1%} allowed"
        text = f"file: {rejected:.1%} of {result.rows_in} rows rejected, {limit}"
        return Rule("", text, pl.lit(value=True))
    return None
