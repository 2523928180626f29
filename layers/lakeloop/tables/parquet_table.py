"""Parquet, as pandas, polars and Arrow write it."""

import re
from collections.abc import Iterator, Sequence
from tempfile import NamedTemporaryFile

import polars as pl

from lakeloop.errors import UnreadableObjectError
from lakeloop.scratch import scratch_prefix
from lakeloop.streams import ByteStream
from lakeloop.tables.csv_table import BLOCK_BYTES
from lakeloop.tables.table import MOST_RECORDS, Block, Damaged, Form

PIECE = 8 * 1024 * 1024
# What pandas calls an index that has no name.
INDEX = re.compile(r"__index_level_[0-9]+__")
BYTES_OF_A_CELL = 16
# What polars raises of damaged files; a panic of its own is no Exception.
BROKEN = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)


class ParquetTable:
    """One Parquet file. Its end says where the rows are, so it lies on the disk while it is read."""

    def __init__(self, stream: ByteStream) -> None:
        self._file = NamedTemporaryFile(prefix=scratch_prefix(), suffix=".parquet")  # noqa: SIM115 it lives as long as the table
        while piece := stream.read(PIECE):
            self._file.write(piece)
        self._file.flush()
        self._scan = pl.scan_parquet(self._file.name, glob=False)
        try:
            names = self._scan.collect_schema().names()
        except BROKEN as error:
            raise UnreadableObjectError("not a Parquet file, or one that is not whole") from error
        self.header: list[str] | None = [name for name in names if not INDEX.fullmatch(name)]

    def blocks(self, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
        """Raises UnreadableObjectError where the file is broken further on."""
        names = self.header or []
        at_once = min(max(1, block_bytes // (BYTES_OF_A_CELL * max(1, len(names)))), MOST_RECORDS)
        before = 0
        while True:
            try:
                frame = self._scan.select(names).slice(before, at_once).collect()
            except BROKEN as error:
                raise UnreadableObjectError(f"the Parquet file is broken behind row {before}") from error
            if frame.is_empty():
                return
            yield _block(names, frame, before)
            before += frame.height


def _block(names: list[str], frame: pl.DataFrame, before: int) -> Block:
    damaged = _undecodable(frame, before)
    lines = pl.int_range(before + 1, before + frame.height + 1, dtype=pl.UInt64, eager=True)
    if damaged:
        whole = ~lines.is_in([record.line for record in damaged])
        frame, lines = frame.filter(whole), lines.filter(whole)

    def raw(places: Sequence[int]) -> list[bytes]:
        return _lines(frame[list(places)])

    columns = {str(place): _plain(frame[name]) for place, name in enumerate(names)}
    return Block(names=names, frame=pl.DataFrame(columns), lines=lines, raw=raw, form=Form.TYPED, damaged=damaged)


def _lines(rows: pl.DataFrame) -> list[bytes]:
    """Each row as a line of JSON."""
    texts = rows.with_columns(pl.selectors.binary().map_elements(repr, return_dtype=pl.String))
    return texts.write_ndjson().encode().splitlines()


def _undecodable(frame: pl.DataFrame, before: int) -> list[Damaged]:
    """The rows that hold bytes which are no text."""
    found: dict[int, str] = {}
    for number, column in enumerate(frame, start=1):
        if column.dtype == pl.Binary:
            for place, cell in enumerate(column):
                if cell is not None and (fault := _fault(cell)):
                    found.setdefault(place, f"not UTF-8 in column {number} {fault}")
    return [Damaged(before + place + 1, _lines(frame[place])[0], found[place]) for place in sorted(found)]


def _fault(cell: bytes) -> str:
    try:
        cell.decode()
    except UnicodeDecodeError as error:
        return f"at byte {error.start + 1} (0x{cell[error.start]:02X})"
    return ""


def _plain(values: pl.Series) -> pl.Series:
    """Words for codes of a dictionary, text for bytes, nothing of no type."""
    if isinstance(values.dtype, pl.Categorical | pl.Enum | pl.Null | pl.Binary):
        return values.cast(pl.String)
    return values
