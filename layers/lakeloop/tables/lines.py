"""Verdicts on records that can be read: too few or too many fields, footers, headers that come again."""

from collections.abc import Sequence
from dataclasses import dataclass

from lakeloop.contract.file import FileFormat
from lakeloop.contract.patterns import Pattern
from lakeloop.errors import UnreadableObjectError
from lakeloop.tables.unpacking import as_written, is_utf8

MARK = "\ufeff"
"""A byte order mark, which stands before the header of a file that was put behind another."""
BLANK = " \t"
"""What may stand around a field, and alone is no value."""
FEWEST_RECORDS = 2
"""One record with a value too many is damaged; it takes several that all have one to doubt the header."""


@dataclass(frozen=True)
class RecordRules:
    """What a record of one file must be like."""

    width: int
    header: Sequence[str] | None
    footer: Pattern | None

    @classmethod
    def of(cls, file: FileFormat, width: int, header: Sequence[str] | None) -> "RecordRules":
        return cls(width, header, Pattern(file.footer) if file.footer else None)

    def is_footer(self, fields: Sequence[str]) -> bool:
        return self.footer is not None and self.footer.found_in(fields[0].strip(BLANK))

    def fault(self, fields: Sequence[str], line: int) -> str | None:
        """What is wrong with the fields of the record on a line; empty ones behind the last column are none.

        Raises UnreadableObjectError when they are the header's names in another order: read on under the first header,
        the rows behind them would be taken with their values exchanged.
        """
        names = [field.lstrip(MARK).strip(BLANK) for field in fields[: self.width]]
        if self.header is not None and names == list(self.header):
            return "a row, not the header again"
        if self.header is not None and sorted(names) == sorted(self.header):
            raise UnreadableObjectError(
                f"line {line} names the columns in another order than the header: two tables in one file? "
                "Drop them as files of their own, each with its header"
            )
        extra = [field for field in fields[self.width :] if field.strip(BLANK)]
        if len(fields) < self.width or extra:
            return f"columns: {self.width}, the line has {self.count(fields)}"
        return None

    def count(self, fields: Sequence[str]) -> int:
        """How many fields a person sees."""
        count = len(fields)
        while count > self.width and not fields[count - 1].strip(BLANK):
            count -= 1
        return count


def undecodable(line: bytes, encoding: str) -> str | None:
    """Where a line holds bytes that are none of the encoding; in another one than UTF-8, behind how much of UTF-8."""
    try:
        line.decode()
    except UnicodeDecodeError as error:
        byte = as_written(line[error.start :], encoding)[0]
        guess = "; windows-1252?" if is_utf8(encoding) else ""
        return f"not {encoding.upper()} at byte {error.start + 1} of the line (0x{byte:02X}{guess})"
    return None
