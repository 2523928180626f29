"""Records that the compiled parser reads just as the scanner would.

That is sure where all is UTF-8, lines end alike, nothing escapes and each quote opens or closes a field. Where it is
not, nothing is said: the lines are looked at one by one then (`lakeloop.tables.csv_blocks`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from lakeloop.contract.file import FileFormat
from lakeloop.tables.scanner import MAX_RECORD_BYTES
from lakeloop.tables.table import MOST_RECORDS

MOST_QUOTES_A_LINE = 8
"""Where there are more, looking at each of them takes longer than looking at the lines."""
# By these lines it is guessed how long the others are.
FIRST_BYTES = 64 * 1024


@dataclass(frozen=True)
class Breaks:
    """Line ends between quotes: how many, by the number (from 0) of the record that they stand in."""

    by_record: Mapping[int, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.by_record.values())

    def lines(self, records: int) -> pl.Series:
        """UInt64: the line on which each record begins, from 0."""
        lines = pl.int_range(records, dtype=pl.UInt64, eager=True)
        if not self.by_record:
            return lines
        more = pl.zeros(records + 1, dtype=pl.UInt64, eager=True)
        more = more.scatter([record + 1 for record in self.by_record], list(self.by_record.values()))
        return lines + more.cum_sum()[:records]


@dataclass(frozen=True)
class PlainPart:
    """Whole records: `text` with LF alone, of `lines` lines and `size` bytes as they stand in the file."""

    text: bytes
    size: int
    lines: int
    quotes: int
    breaks: Breaks

    @property
    def records(self) -> int:
        return self.lines - self.breaks.total


class PlainReader:
    """Finds plain parts of one dialect."""

    def __init__(self, file: FileFormat, width: int) -> None:
        self._quote = file.quotechar.encode() if file.quotechar else b""
        self._around = {file.delimiter.encode(), b"\n"}
        self._others = [mark.encode() for mark in (file.escapechar, file.comment) if mark]
        # No record is too long where none of its fields, quoted or not, is longer than two of these.
        self._stretch = MAX_RECORD_BYTES // (4 * (width + 1))

    def part(self, data: bytes, reach: int) -> PlainPart | None:
        """What is plain of these whole lines: all of them, or as many as a block holds; None where it is not sure."""
        reach, line_ends = fewer_lines(data, reach)
        if any(data.find(mark, 0, reach) >= 0 for mark in self._others):
            return None
        quotes = data.count(self._quote, 0, reach) if self._quote and data.find(self._quote, 0, reach) >= 0 else 0
        if quotes % 2:
            # The last record goes on behind these lines.
            cut = data.rfind(b"\n", 0, data.rfind(self._quote, 0, reach)) + 1
            quotes -= data.count(self._quote, cut, reach)
            reach, line_ends = cut, line_ends - data.count(b"\n", cut, reach)
        text = with_line_feeds(data[:reach])
        if not text:
            return None
        lines = line_ends + (not text.endswith(b"\n"))
        if quotes > MOST_QUOTES_A_LINE * lines or not self._has_short_lines(text):
            return None
        breaks = self._breaks(text) if quotes else Breaks()
        # Line ends between quotes are what they were written as.
        if breaks is None or (breaks.by_record and len(text) < reach):
            return None
        return PlainPart(text, reach, lines, quotes, breaks)

    def _has_short_lines(self, text: bytes) -> bool:
        """Whether no line is longer than two stretches."""
        return all(
            text.find(b"\n", start, start + self._stretch) >= 0
            for start in range(0, len(text) - self._stretch, self._stretch)
        )

    def _breaks(self, text: bytes) -> Breaks | None:
        """Those between quotes; None where a quote stands elsewhere than around a field."""
        pieces = text.split(self._quote)
        outside, inside = pieces[::2], pieces[1::2]
        behind, before = {piece[:1] for piece in outside[1:-1]}, {piece[-1:] for piece in outside[1:-1]}
        behind |= {outside[-1][:1]} if outside[-1] else set()
        before |= {outside[0][-1:]} if outside[0] else set()
        if not behind | before <= self._around or max(map(len, inside)) > 2 * self._stretch:
            return None
        return Breaks(_line_ends(outside, inside) if b"\n" in b"".join(inside) else {})


def _line_ends(outside: Sequence[bytes], inside: Sequence[bytes]) -> dict[int, int]:
    """How many there are inside, by the record, which those outside end."""
    found: dict[int, int] = {}
    record = 0
    for before, quoted in zip(outside, inside, strict=False):
        record += before.count(b"\n")
        if line_ends := quoted.count(b"\n"):
            found[record] = found.get(record, 0) + line_ends
    return found


def fewer_lines(data: bytes, reach: int) -> tuple[int, int]:
    """How far as many of the lines reach as a block holds, or somewhat fewer; and how many line ends that are."""
    if first := data.count(b"\n", 0, min(FIRST_BYTES, reach)):
        fitting = FIRST_BYTES * MOST_RECORDS // first
        reach = reach if reach <= fitting else data.rfind(b"\n", 0, fitting) + 1
    while (line_ends := data.count(b"\n", 0, reach)) > MOST_RECORDS:
        reach = data.rfind(b"\n", 0, reach * (MOST_RECORDS - 1) // line_ends) + 1
    return reach, line_ends


def with_line_feeds(part: bytes) -> bytes:
    """With LF where all lines end with CRLF; nothing where they end each in another way."""
    if part.find(b"\r") < 0:
        return part
    returns = part.count(b"\r")
    return part.replace(b"\r\n", b"\n") if returns == part.count(b"\r\n") == part.count(b"\n") else b""
