"""Verdicts on records that can be read: too few or too many fields, footers, headers that come again."""

from collections.abc import Sequence
from dataclasses import dataclass

from lakeloop.contract.file import FileFormat
from lakeloop.contract.patterns import Pattern

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

    def fault(self, fields: Sequence[str]) -> str | None:
        """What is wrong with the fields; empty ones behind the last column are none."""
        if self.header is not None and [field.strip(BLANK) for field in fields[: self.width]] == list(self.header):
            return "a row, not the header again"
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
    """Where a line holds bytes that are none of the encoding."""
    try:
        line.decode()
    except UnicodeDecodeError as error:
        byte = line[error.start]
        guess = "; windows-1252?" if encoding.lower().startswith("utf") else ""
        return f"not {encoding.upper()} at byte {error.start + 1} of the line (0x{byte:02X}{guess})"
    return None
