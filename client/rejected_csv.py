"""Rejected rows as a CSV that a person mends: two columns in front tell line and reasons, the row follows as it was.

The names of the two columns hold a digest of the file's version: no column of a table is called so, and the mended CSV
tells which version it is of. JSON Lines and Parquet go out with each row as JSON in one cell.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lakeloop.client.errors import RefusedDataError
from lakeloop.client.quarantine import Reason, Rejected
from lakeloop.contract.file import FileFormat
from lakeloop.ingest.notification import LandedObject
from lakeloop.tables.dialect import Dialect
from lakeloop.tables.scanner import Scanner
from lakeloop.tables.unpacking import is_utf8

MARK = re.compile("quarantine_([0-9a-f]{8})_line")
JSON_COLUMN = "row"
BOM = b"\xef\xbb\xbf"
AS_EXPORTED = (
    "mend the cells behind the two columns in front, and leave those two and the first line as they were exported"
)


def mark(landed: LandedObject) -> str:
    """What the names of the two columns say of the version."""
    return landed.event_id[:8]


def told(reasons: Sequence[Reason]) -> str:
    """All reasons on one line, without anything that moves a cursor."""
    parts = []
    for reason in reasons:
        column = f"{reason.column}: " if reason.column else ""
        value = "" if reason.value is None else f", not {reason.value!r}"
        parts.append(f"{column}{reason.rule}{value}")
    return "".join(letter if letter.isprintable() else " " for letter in "; ".join(parts))


@dataclass(frozen=True)
class RejectedCsv:
    """How the rejected rows of one version of a file are written; `header` are the names of its columns.

    Without a `file` the rows are JSON.
    """

    mark: str
    file: FileFormat | None
    header: Sequence[str]

    @property
    def columns(self) -> list[str]:
        return [f"quarantine_{self.mark}_line", f"quarantine_{self.mark}_reasons", *self.header]

    def write(self, rejected: Sequence[Rejected]) -> bytes:
        if self.file is None:
            out = io.StringIO()
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(self.columns)
            writer.writerows((row.line, told(row.reasons), row.raw.decode(errors="replace")) for row in rejected)
            return out.getvalue().encode()
        rows = [self._between.join(map(self._cell, self.columns)).encode()]
        rows += [
            f"{row.line}{self._between}{self._reasons(row)}{self._between}".encode() + self.as_written(row.raw)
            for row in rejected
        ]
        whole = b"".join(row + b"\n" for row in rows)
        return whole if is_utf8(self.file.encoding) else whole.decode().encode(self.file.encoding, "replace")

    def as_written(self, raw: bytes) -> bytes:
        """A row as the CSV has it, in UTF-8; what its encoding cannot write is a question mark."""
        if self.file is None:
            return raw.decode(errors="replace").encode()
        escape = self._dialect.escape
        if escape and (len(raw) - len(raw.rstrip(escape))) % 2:
            # At the end of its file it escapes nothing; here it would escape the line end.
            raw += escape
        if is_utf8(self.file.encoding):
            return raw
        return raw.decode(errors="replace").encode(self.file.encoding, "replace").decode(self.file.encoding).encode()

    def read(self, body: bytes) -> Iterator[tuple[int, bytes]]:
        """Line and row of each record. Raises RefusedDataError for what was not exported so."""
        if self.file is None:
            return self._read_json(body)
        return self._read_text(decoded(body, self.file.encoding))

    def _read_json(self, body: bytes) -> Iterator[tuple[int, bytes]]:
        rows = csv.reader(io.StringIO(decoded(body, "utf-8").decode(errors="replace"), newline=""))
        if next(rows, []) != self.columns:
            raise _other_header(self.columns)
        for cells in rows:
            if len(cells) != len(self.columns) or not cells[0].isdecimal():
                raise RefusedDataError(f"line {rows.line_num} has no line, reasons and row", AS_EXPORTED)
            yield int(cells[0]), cells[2].encode()

    def _read_text(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        scanner, place, first = Scanner(self._dialect), 0, True
        while place < len(data):
            found = scanner.scan(data, place)
            raw, number = data[place : found.end], 1 + data.count(b"\n", 0, place)
            place = found.behind if found.behind is not None else len(data)
            if first:
                if [field.decode(errors="replace").strip() for field in found.fields] != self.columns:
                    raise _other_header(self.columns)
                first = False
            elif raw.strip():
                front = self._front.match(raw)
                if front is None:
                    raise RefusedDataError(f"line {number} does not begin with a line and reasons", AS_EXPORTED)
                yield int(front["line"]), front["row"]

    @property
    def _dialect(self) -> Dialect:
        return Dialect.of(self.file) if self.file else Dialect()

    @property
    def _between(self) -> str:
        return (self._dialect.delimiter or b" ").decode()

    @property
    def _front(self) -> re.Pattern[bytes]:
        dialect = self._dialect
        quote = re.escape(dialect.quote) if dialect.quote else b""
        quoted = dialect.around + quote + dialect.quoted + quote + dialect.around + b"|" if quote else b""
        mark = b"(?:" + quote + b")?"
        line = dialect.around + mark + rb"(?P<line>\d{1,18})" + mark + dialect.around + dialect.separator
        reasons = b"(?:" + quoted + dialect.unquoted + b")" + dialect.separator
        return re.compile(line + reasons + rb"(?P<row>[\s\S]*)")

    def _reasons(self, row: Rejected) -> str:
        """Quoted always: what an open quote of the row before swallows would not fit then."""
        text = told(row.reasons)
        quote, escape = self._dialect.quote, self._dialect.escape
        if escape:
            text = text.replace(escape.decode(), "/")
        if quote:
            return quote.decode() + text.replace(quote.decode(), "`" if quote == b"'" else "'") + quote.decode()
        return "_".join(text.split()) if self._dialect.delimiter is None else text.replace(self._between, " ")

    def _cell(self, text: str) -> str:
        quote = (self._dialect.quote or b"").decode()
        if quote and any(mark in text for mark in (quote, self._between, " ")):
            return (
                quote
                + text.replace(quote, (self._dialect.escape or self._dialect.quote or b"").decode() + quote)
                + quote
            )
        return text


def decoded(body: bytes, encoding: str) -> bytes:
    """In UTF-8, without a byte order mark. Raises RefusedDataError."""
    if is_utf8(encoding):
        return body.removeprefix(BOM)
    try:
        return body.decode(encoding).encode()
    except UnicodeDecodeError as error:
        raise RefusedDataError(
            f"the mended CSV is not {encoding}, as the contract's files are", f"save it as {encoding}"
        ) from error


def marked(body: bytes) -> str:
    """Of which version a mended CSV is. Raises RefusedDataError."""
    # In UTF-16 each letter has a zero beside it.
    found = MARK.search(body[:4096].replace(b"\0", b"").decode(errors="replace"))
    if found is None:
        raise RefusedDataError(
            "this is no CSV of rejected rows: its first line names no `quarantine_..._line`", AS_EXPORTED
        )
    return found[1]


def _other_header(columns: Sequence[str]) -> RefusedDataError:
    return RefusedDataError(
        f"the first line must name the columns as exported: {', '.join(columns)[:300]}", AS_EXPORTED
    )
