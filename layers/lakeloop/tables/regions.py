"""Whole lines that are in memory, divided when that is asked for."""

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import polars as pl
from polars.exceptions import ComputeError

from lakeloop.tables.buffer import count_lines
from lakeloop.tables.dialect import LINE_END
from lakeloop.tables.plain import PlainPart
from lakeloop.tables.table import MOST_RECORDS

TEXT_LINE_END = re.compile("\r\n|\n|\r")


@dataclass(frozen=True)
class Spans:
    """Where lines begin and end in the bytes: UInt64.

    `begins` has one more than there are lines: where the first line behind them begins.
    """

    begins: pl.Series
    ends: pl.Series


@dataclass(frozen=True)
class Lines:
    spans: Spans
    texts: pl.Series


NO_LINES = Lines(
    Spans(pl.Series([0], dtype=pl.UInt64), pl.Series([], dtype=pl.UInt64)), pl.Series("text", [], pl.String)
)


class Region:
    """Whole lines of the buffer, divided when that is asked for."""

    def __init__(
        self,
        data: bytes,
        first_line: int,
        size: int,
        count: int,
        *,
        lines: Callable[[], Lines],
        spans: Callable[[], Spans | None] = lambda: None,
    ) -> None:
        """`size` bytes are `count` lines; `spans` tells at less cost where they are, if it can."""
        self.data = data
        self.first_line = first_line
        self.end = size
        self.lines = count
        self._divided = lines
        self._spans = spans

    @cached_property
    def divided(self) -> Lines:
        return self._divided()

    @cached_property
    def spans(self) -> Spans:
        return self._spans() or self.divided.spans

    @cached_property
    def starts(self) -> list[int]:
        return self.spans.begins.to_list()

    @property
    def texts(self) -> pl.Series:
        return self.divided.texts


NOTHING = Region(b"", 0, 0, 0, lines=lambda: NO_LINES)


def line_count(region: Region, start: int, end: int) -> int:
    """The lines of a region up to a place behind its last one."""
    return bisect_left(region.starts, start) + count_lines(region.data, start, end)


def plain_region(data: bytes, reach: int, first_line: int) -> Region | None:
    """Where all is UTF-8 and each line ends alike, with LF or CRLF."""
    returns = data.count(b"\r", 0, reach)
    if returns and not returns == data.count(b"\r\n", 0, reach) == data.count(b"\n", 0, reach):
        return None
    if not reach:
        return None
    try:
        lines = divided(data, reach)
    except ComputeError:
        return None
    return Region(data, first_line, int(lines.spans.begins[-1]), len(lines.spans.ends), lines=lambda: lines)


def divided(data: bytes, size: int) -> Lines:
    """So many bytes that end alike. Raises ComputeError where they are no UTF-8."""
    text = pl.Series("text", [data[:size].removesuffix(b"\n")], pl.Binary).cast(pl.String)
    lines = text.str.split("\n").explode()[:MOST_RECORDS]
    behind = (lines.str.len_bytes().cast(pl.UInt64) + 1).cum_sum().clip(upper_bound=size)
    texts = lines.str.strip_suffix("\r") if data.find(b"\r", 0, size) >= 0 else lines
    begins = pl.concat([pl.Series("text", [0], pl.UInt64), behind])
    return Lines(Spans(begins, begins[:-1] + texts.str.len_bytes()), texts)


def measured(part: PlainPart, fields: pl.DataFrame) -> Spans | None:
    """Where the lines of a part are by the lengths of their fields; None where other things stand there, too."""
    if part.quotes or len(part.text) != part.size:
        return None
    lengths = fields.select(pl.sum_horizontal(pl.all().str.len_bytes().cast(pl.UInt64).fill_null(0))).to_series()
    behind = (lengths + fields.width).cum_sum()
    # A line with fewer fields has fewer delimiters.
    if int(behind[-1]) != part.size + (not part.text.endswith(b"\n")):
        return None
    begins = pl.concat([pl.Series([0], dtype=pl.UInt64), behind.clip(upper_bound=part.size)])
    return Spans(begins, begins[:-1] + lengths + (fields.width - 1))


def odd_region(data: bytes, reach: int, first_line: int) -> Region:
    """Where bytes are no UTF-8, or lines end each in another way."""
    found = [end.span() for end in islice(LINE_END.finditer(data, 0, reach), MOST_RECORDS)]
    ends, starts = [end for end, _ in found], [0, *(behind for _, behind in found)]
    if starts[-1] < reach and len(found) < MOST_RECORDS:
        ends.append(reach)
        starts.append(reach)
    texts = TEXT_LINE_END.split(data[: starts[-1]].decode(errors="replace"))[: len(ends)]
    spans = Spans(pl.Series(starts, dtype=pl.UInt64), pl.Series(ends, dtype=pl.UInt64))
    lines = Lines(spans, pl.Series("text", texts, pl.String))
    return Region(data, first_line, starts[-1], len(ends), lines=lambda: lines)
