"""Mended rows: what is to be read instead of some records of one version of a landed file.

They land as an object of their own below the dataset's folder, named after the version that they mend. The file is
then judged again as a whole, with the mended records where the old ones stood: one reading, one place on main, one
quarantine. Records are told by their lines in the file as it landed.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from pydantic import BaseModel, ConfigDict, ValidationError

from lakeloop.contract import DatasetContract
from lakeloop.errors import UnreadableObjectError
from lakeloop.streams import ByteStream
from lakeloop.tables.buffer import PIECE, Buffer, count_lines
from lakeloop.tables.dialect import LINE_END
from lakeloop.tables.opening import format_of
from lakeloop.tables.unpacking import Pieces, in_utf8, unpacked


class MendedRecord(BaseModel):
    """One record: the `line` of the file on which the old one began, how many `lines` that took, and the new text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: int
    lines: int
    text: str

    @property
    def lines_now(self) -> int:
        text = self.text.encode()
        return 1 + count_lines(text, 0, len(text))


class Mend(BaseModel):
    """All mended records of one version of a file, in the order of their lines."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = 1
    records: tuple[MendedRecord, ...]

    @classmethod
    def parse(cls, body: bytes) -> "Mend":
        """Raises UnreadableObjectError."""
        try:
            found = cls.model_validate_json(body)
        except ValidationError as error:
            raise UnreadableObjectError(
                "no mended rows as `lakeloop quarantine mend` writes them: send them with that command"
            ) from error
        if found.format > 1:
            raise UnreadableObjectError(f"mended rows of format {found.format}: deploy the release that wrote them")
        return found

    def line_of(self, line: int) -> int:
        """The line of the file as it landed, of a line of the mended one."""
        grown = 0
        for record in self.records:
            there = record.line + grown
            if line < there + record.lines_now:
                return record.line if line >= there else line - grown
            grown += record.lines_now - record.lines
        return line - grown


def read_as_mended(contract: DatasetContract, name: str) -> DatasetContract:
    """The contract under which a mended stream is read: it is UTF-8, whatever the file is."""
    if format_of(contract.file, name) == "parquet":
        raise UnreadableObjectError(f"{name} is Parquet, which has no lines to mend: mend the file and drop it again")
    return contract.model_copy(update={"file": contract.file.model_copy(update={"encoding": "utf-8"})})


def mended(stream: ByteStream, encoding: str, mend: Mend) -> ByteStream:
    """A file, packed or not, as UTF-8 with its mended records."""
    pieces = _spliced(Buffer(in_utf8(unpacked(stream), encoding)), mend.records)
    return Pieces(lambda: next(pieces, None))


def _spliced(buffer: Buffer, records: Sequence[MendedRecord]) -> Iterator[bytes]:
    for record in records:
        yield from _before(buffer, record.line)
        for _ in range(record.lines):
            buffer.skip_line()
        yield record.text.encode() + b"\n"
    while True:
        buffer.fill(PIECE)
        if not buffer.data:
            return
        yield buffer.data
        buffer.drop(len(buffer.data), 0)


def _before(buffer: Buffer, line: int) -> Iterator[bytes]:
    """What stands before a line, out of the buffer."""
    while buffer.line < line:
        buffer.fill(PIECE)
        if not buffer.data:
            return
        missing = line - buffer.line
        lines = count_lines(buffer.data, 0, buffer.reach)
        if lines >= missing:
            end = next(islice(LINE_END.finditer(buffer.data, 0, buffer.reach), missing - 1, None)).end()
            lines = missing
        else:
            end = buffer.reach
        yield buffer.data[:end]
        buffer.drop(end, lines)
