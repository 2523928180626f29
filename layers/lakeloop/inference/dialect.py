"""How the records of a CSV file are written, from its first lines, read by the gate's own scanner."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lakeloop.contract.file import WHITESPACE, FileFormat
from lakeloop.inference.header import Header, header_of
from lakeloop.tables.buffer import count_lines
from lakeloop.tables.csv_table import BOM, SEP
from lakeloop.tables.dialect import LINE_END, Dialect
from lakeloop.tables.guesses import DELIMITERS
from lakeloop.tables.scanner import Scanner

MOST_RECORDS = 500
CONSISTENT = 0.9
# They stand in times and in texts, so another delimiter that fits is believed first.
WEAK = (":", WHITESPACE)
COMMENTS = ("#", "%", "//")
QUOTED_LINE = re.compile(rb'\s*"[^"]*"(?:[^"]{1,2}"[^"]*")*\s*')
SINGLE_QUOTED = re.compile(r"\s*'[^']*'\s*")
TEXT = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Record:
    """A record of the head: its first line from 1, and its fields; none where it cannot be read."""

    line: int
    fields: tuple[str, ...]
    quoted: bool
    """Whether each of its fields is quoted."""
    setting: str | None = None


@dataclass(frozen=True)
class Fit:
    """How well a dialect reads the head: the usual number of fields, and the share of records behind the first that
    have so many.
    """

    width: int
    share: float
    first: int
    """Fields of the first record."""

    @classmethod
    def of(cls, records: Sequence[Record]) -> "Fit":
        behind = records[1:] or records
        widths = Counter(len(record.fields) for record in behind if record.fields)
        if not widths:
            return cls(0, 0, 0)
        width = max(widths, key=lambda width: (widths[width], width))
        return cls(width, widths[width] / len(behind), len(records[0].fields))


@dataclass(frozen=True)
class CsvGuess:
    """The dialect of a file and its header."""

    file: FileFormat
    header: Header


def csv_guess(head: bytes, encoding: str, *, whole: bool) -> CsvGuess:
    """The dialect of text in UTF-8, which is the `whole` file or its start. `encoding` is what the file itself has."""
    head, said = _without_marks(head)
    head = head if whole else head[: head.rfind(b"\n") + 1] or head
    file = FileFormat(encoding=encoding, delimiter=said) if said else _delimited(head, FileFormat(encoding=encoding))
    file = _commented(head, _quoted(head, file))
    records = scanned(head, file)
    return CsvGuess(*header_of(file, records, Fit.of(records).width))


def scanned(head: bytes, file: FileFormat) -> list[Record]:
    """The first records that are not blank."""
    scanner = Scanner(Dialect.of(file))
    found: list[Record] = []
    start, line = 0, 1
    while start < len(head) and len(found) < MOST_RECORDS:
        record = scanner.scan(head, start)
        if record.behind is None:
            break
        raw = head[start : record.end]
        if raw.strip() and not (file.comment and raw.startswith(file.comment.encode())):
            fields = tuple(field.decode(errors="replace").strip() for field in record.fields)
            found.append(Record(line, fields, QUOTED_LINE.fullmatch(raw) is not None, record.setting))
        line += count_lines(head, start, record.behind)
        start = record.behind
    return found


def _without_marks(head: bytes) -> tuple[bytes, str]:
    """The head without byte order marks and a line `sep=;`, and the delimiter that this says."""
    while head.startswith(BOM):
        head = head[len(BOM) :]
    end = LINE_END.search(head)
    if end and (found := SEP.fullmatch(head[: end.start()].strip(b" "))):
        return head[end.end() :], found[1].decode()
    return head, ""


def _delimited(head: bytes, file: FileFormat) -> FileFormat:
    ways = [file.model_copy(update={"delimiter": delimiter}) for delimiter in DELIMITERS]
    fits = [(way, fit) for way in ways if (fit := Fit.of(scanned(head, way))).width > 1]
    possible = [(way, fit) for way, fit in fits if _believed(way, fit)]
    if not possible:
        return file
    best = max(possible, key=lambda found: _rank(*found))[0]
    doubled = next((way for way, fit in possible if way.delimiter == "||" and fit.share >= CONSISTENT), None)
    return doubled if doubled and best.delimiter == "|" else best


def _believed(way: FileFormat, fit: Fit) -> bool:
    if fit.share < CONSISTENT:
        return fit.share >= CONSISTENT / 2 and fit.first == fit.width and way.delimiter not in WEAK
    return way.delimiter not in WEAK or fit.first in (fit.width, fit.width - 1)


def _rank(way: FileFormat, fit: Fit) -> tuple[bool, bool, bool, float, int]:
    consistent = fit.share >= CONSISTENT
    return consistent, way.delimiter not in WEAK, fit.first == fit.width, round(fit.share, 1), fit.width


def _quoted(head: bytes, file: FileFormat) -> FileFormat:
    """With the quotes and escapes under which most records can be read."""
    records = scanned(head, file)
    ways: list[dict[str, str | bool]] = []
    if any(field.startswith("'") for record in records for field in record.fields):
        ways.append({"quotechar": "'"})
    if any(record.setting for record in records):
        ways.append({"escapechar": "\\"})
    if any(not record.fields for record in records):
        ways.append({"quotechar": False})
    best, share = file, Fit.of(records).share
    for way in ways:
        other = file.model_copy(update=way)
        found = Fit.of(scanned(head, other)).share
        if found > share or (found == share and way.get("quotechar") == "'" and _in_single_quotes(records)):
            best, share = other, found
    return best


def _in_single_quotes(records: Sequence[Record]) -> bool:
    """Whether nearly all words below the first line stand between single quotes."""
    words = [field for record in records[1:] for field in record.fields if TEXT.search(field)]
    return sum(SINGLE_QUOTED.fullmatch(word) is not None for word in words) >= CONSISTENT * len(words) > 0


def _commented(head: bytes, file: FileFormat) -> FileFormat:
    """With the mark of lines that are no records: they begin so, and have another number of fields."""
    records = scanned(head, file)
    width = Fit.of(records).width
    for mark in COMMENTS:
        marked = [record for record in records if record.fields and record.fields[0].startswith(mark)]
        if marked and _all_apart(marked, width):
            return file.model_copy(update={"comment": mark})
    return file


def _all_apart(records: Iterable[Record], width: int) -> bool:
    return all(len(record.fields) != width for record in records)
