"""The one definition of where a record ends and what its fields are; it looks at nothing before the record."""

import re
from dataclasses import dataclass

from lakeloop.tables.dialect import LINE_END, SPACES, Dialect

MAX_RECORD_BYTES = 1024 * 1024
"""No line of text and no quoted field with line breaks is so long; what lies behind an open quote is."""


@dataclass(slots=True)
class Scanned:
    """One record: its fields, or what is wrong with its first line."""

    end: int
    """Where its bytes end, without the line end."""
    behind: int | None
    """Where the next one begins. None when the line is longer than a record can be: the next one follows its end."""
    fields: list[bytes]
    fault: str | None = None
    setting: str | None = None


class Damage(Exception):  # noqa: N818 - it is found, not an error of the program
    def __init__(self, fault: str, setting: str | None = None) -> None:
        self.fault = fault
        self.setting = setting


class Scanner:
    """Lines end with LF, CRLF or CR. A quote opens at a field's start and closes before a delimiter or a line end."""

    def __init__(self, dialect: Dialect, limit: int = MAX_RECORD_BYTES) -> None:
        self._dialect = dialect
        self.limit = limit
        self._open = re.compile(dialect.around + re.escape(dialect.quote or b""))
        self._quoted = re.compile(dialect.quoted if dialect.quote else b"")
        self._unquoted = re.compile(dialect.unquoted)
        self._around = re.compile(dialect.around)
        # ="00123" is how spreadsheets keep zeros; what it means is not a question of records.
        self._formula = re.compile(rb'\s*="[^"\r\n]*"\s*')
        self._separator = re.compile(dialect.separator)

    def scan(self, data: bytes, start: int) -> Scanned:
        """The record that begins at `start`. The data reach over `limit` + 2 bytes of it, or to the file's end."""
        found = LINE_END.search(data, start, start + self.limit + 2)
        if found and found.start() > start + self.limit:
            found = None
        if not found and len(data) - start > self.limit:
            return Scanned(start + self.limit, None, [], too_long(self.limit))
        line_end, behind = found.span() if found else (len(data), len(data))
        line = data[start:line_end]
        dialect = self._dialect
        if not (dialect.quote and dialect.quote in line) and not (dialect.escape and dialect.escape in line):
            return Scanned(line_end, behind, self._split(line))
        try:
            return self._walk(data, start)
        except Damage as damage:
            return Scanned(line_end, behind, [], damage.fault, damage.setting)

    def _split(self, line: bytes) -> list[bytes]:
        if self._dialect.delimiter is None:
            return [field for field in line.replace(b"\t", b" ").split(b" ") if field]
        return line.split(self._dialect.delimiter)

    def _walk(self, data: bytes, start: int) -> Scanned:
        """Field by field; raises Damage."""
        bound = min(len(data), start + self.limit)
        fields: list[bytes] = []
        place = start
        if self._dialect.delimiter is None:
            place = self._past_spaces(data, place)
        while True:
            value, place = self._field(data, place, bound, len(fields) + 1)
            fields.append(value)
            if separator := self._separator.match(data, place):
                place = separator.end()
                if self._dialect.delimiter is not None or not self._ends(data, place):
                    continue
            if place == len(data):
                return Scanned(place, place, fields)
            if end := LINE_END.match(data, place):
                return Scanned(place, end.end(), fields)
            raise self._unseparated(data, place, bound, len(fields))

    def _field(self, data: bytes, place: int, bound: int, column: int) -> tuple[bytes, int]:
        dialect = self._dialect
        if dialect.quote and (opening := self._open.match(data, place, bound)):
            inside = opening.end()
            closing = self._quoted.match(data, inside, bound).end()  # type: ignore[union-attr] # it matches nothing too
            if not data.startswith(dialect.quote, closing, bound):
                raise Damage(
                    f"a quote opens in column {column} and nothing closes it within {self.limit} bytes",
                )
            behind = self._around.match(data, closing + len(dialect.quote)).end()  # type: ignore[union-attr]
            return dialect.unescape(data[inside:closing], quoted=True), behind
        field = self._unquoted.match(data, place, bound)[0]  # type: ignore[index]
        value = dialect.unescape(field, quoted=False)
        if dialect.quote and dialect.quote in self._without_escapes(field) and not self._formula.fullmatch(field):
            raise Damage(
                f"a quote stands inside column {column}, which is not quoted: put it in quotes and double those inside"
            )
        return value, place + len(field)

    def _without_escapes(self, field: bytes) -> bytes:
        return re.sub(self._dialect.escaped, b"", field) if self._dialect.escape else field

    def _unseparated(self, data: bytes, place: int, bound: int, column: int) -> Damage:
        if place >= bound:
            return Damage(f"a record has at most {self.limit} bytes, this one has more")
        quote = self._dialect.quote or b""
        before = data[:place].rstrip(SPACES).removesuffix(quote)
        setting = 'escapechar: "\\\\"' if before.endswith(b"\\") and not self._dialect.escape else None
        return Damage(f"text stands behind the closing quote of column {column}: double the quotes inside", setting)

    def _past_spaces(self, data: bytes, place: int) -> int:
        found = self._separator.match(data, place)
        return found.end() if found else place

    @staticmethod
    def _ends(data: bytes, place: int) -> bool:
        return place == len(data) or data[place] in b"\r\n"


def too_long(limit: int) -> str:
    return f"a line has at most {limit} bytes, this one has more: these are its first"
