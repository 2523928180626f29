"""How records and fields are written in a CSV file, as bytes of UTF-8."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from lakeloop.contract.file import WHITESPACE, FileFormat

SPACES = b" \t"
LINE_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True)
class Dialect:
    """`delimiter` None: runs of spaces and tabs, and none of them begins or ends a line."""

    delimiter: bytes | None = b","
    quote: bytes | None = b'"'
    escape: bytes | None = None
    comment: bytes | None = None

    @classmethod
    def of(cls, file: FileFormat) -> Self:
        quote = file.quotechar.encode() if file.quotechar else None
        escape = file.escapechar.encode() if file.escapechar else None
        return cls(
            delimiter=None if file.delimiter == WHITESPACE else file.delimiter.encode(),
            quote=quote,
            # A quote that a quote escapes is a doubled one.
            escape=None if escape == quote else escape,
            comment=file.comment.encode() if file.comment else None,
        )

    @cached_property
    def around(self) -> bytes:
        """A pattern of the white space that may stand around a quoted field."""
        spaces = bytes(space for space in SPACES if self.delimiter and space not in self.delimiter)
        return b"[" + spaces + b"]*+" if spaces else b""

    @cached_property
    def separator(self) -> bytes:
        """A pattern of what stands between two fields."""
        return b"[" + SPACES + b"]++" if self.delimiter is None else re.escape(self.delimiter)

    @cached_property
    def quoted(self) -> bytes:
        """A pattern of what stands between quotes; it ends before the closing one."""
        quote = re.escape(self.quote or b"")
        ends = b"(?:" + quote + quote + b"|" + self.escaped + b")" if self.escape else quote + quote
        plain = b"(?:" + self._but(self.quote, self.escape) + b")*+"
        return plain + b"(?:" + ends + plain + b")*+"

    @cached_property
    def unquoted(self) -> bytes:
        """A pattern of a field without quotes around it; it ends before what separates it from the next."""
        plain = self._but(SPACES if self.delimiter is None else self.delimiter, self.escape, b"\r", b"\n")
        return b"(?:" + plain + (b"|" + self.escaped if self.escape else b"") + b")*+"

    @cached_property
    def escaped(self) -> bytes:
        return re.escape(self.escape or b"") + rb"(?:\r\n|[\s\S])?"

    def _but(self, *words: bytes | None) -> bytes:
        """A pattern of anything but these words; white space is each of its characters."""
        found = [word for word in words if word]
        single = b"".join(re.escape(word) for word in found if len(word) == 1 or word == SPACES)
        longer = [word for word in found if len(word) > 1 and word != SPACES]
        firsts = b"".join(re.escape(word[:1]) for word in longer)
        plain = b"[^" + single + firsts + b"]++"
        return plain + b"".join(b"|(?!" + re.escape(word) + b")" + re.escape(word[:1]) for word in longer)

    def unescape(self, field: bytes, *, quoted: bool) -> bytes:
        """The value of a field that is written between quotes, or without them."""
        if self.escape and self.escape in field:
            return self._escapes.sub(self._plain, field)
        return field.replace(self.quote * 2, self.quote) if quoted and self.quote else field

    @cached_property
    def _escapes(self) -> re.Pattern[bytes]:
        words = [self.escape, self.quote, *([self.delimiter] if self.delimiter else (b" ", b"\t"))]
        after = b"|".join(re.escape(word) for word in words if word)
        doubled = b"|(" + re.escape(self.quote * 2) + b")" if self.quote else b"|(?!)()"
        return re.compile(re.escape(self.escape or b"") + b"(" + after + rb"|\r\n|\n|\r)" + doubled)

    def _plain(self, found: re.Match[bytes]) -> bytes:
        # Before any other character an escape is itself: so Spark and MySQL write.
        return found[1] or self.quote or b""
