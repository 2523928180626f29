"""Records in blocks: most lines are plain and read in bulk, the others one by one by the scanner.

A line without quotes, escapes and undecodable bytes is a whole record wherever the record before it has ended. So is
one whose quotes all open at a field's start and close before a delimiter. Any other is scanned from its start, and
reading goes on where the scanner ends.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

import polars as pl
from polars.exceptions import ComputeError

from lakeloop.contract.file import FileFormat
from lakeloop.tables.buffer import Buffer, count_lines
from lakeloop.tables.bulk import Bulk
from lakeloop.tables.dialect import LINE_END
from lakeloop.tables.lines import BLANK, FEWEST_RECORDS, RecordRules, undecodable
from lakeloop.tables.scanner import Scanner
from lakeloop.tables.table import MOST_RECORDS, Block, Damaged, Form, Skipped
from lakeloop.tables.unpacking import as_written

TEXT_LINE_END = re.compile("\r\n|\n|\r")
PLACES = {"_line": pl.UInt64, "_start": pl.UInt64, "_end": pl.UInt64}


@dataclass
class Region:
    """Whole lines of the buffer: their texts, and where each begins and ends in the bytes."""

    data: bytes
    first_line: int
    begins: pl.Series
    """UInt64; one more than there are lines: where the first line behind them begins."""
    ends: pl.Series
    texts: pl.Series

    @cached_property
    def starts(self) -> list[int]:
        return self.begins.to_list()

    @property
    def lines(self) -> int:
        return len(self.ends)

    @property
    def end(self) -> int:
        return int(self.begins[-1])


NOTHING = Region(
    b"", 0, pl.Series([0], dtype=pl.UInt64), pl.Series([], dtype=pl.UInt64), pl.Series("text", [], pl.String)
)


@dataclass
class Found:
    """What a walk over a region found; `rows` are fields of records that were read one by one, by line."""

    plain: list[range] = field(default_factory=list)
    rows: list[tuple[int, int, int, list[str]]] = field(default_factory=list)
    damaged: list[Damaged] = field(default_factory=list)
    skipped: Skipped = field(default_factory=Skipped)
    end: int = 0
    lines: int = 0
    """How many bytes and lines were worked through."""

    def reach(self, end: int, lines: int) -> None:
        self.end, self.lines = end, lines


class BlockReader:
    """Works through a buffer."""

    def __init__(self, buffer: Buffer, file: FileFormat, scanner: Scanner, rules: RecordRules) -> None:
        self._buffer = buffer
        self._file = file
        self._scanner = scanner
        self._rules = rules
        self._bulk = Bulk(file, rules)
        self._records = 0
        self._one_more = 0

    @property
    def one_more(self) -> bool:
        """Whether every record had one value more than the header has names."""
        return FEWEST_RECORDS <= self._records == self._one_more

    def block(self, block_bytes: int) -> Block | None:
        """The next records, None behind the last one."""
        size = block_bytes
        while True:
            self._buffer.fill(size)
            found = Found()
            found.skipped.empty = self._buffer.skip_blank_lines()
            if found.skipped.empty:
                return self._made(NOTHING, found)
            if not self._buffer.data:
                return None
            region = self._region(size)
            self._walk(region, found)
            if found.end:
                block = self._made(region, found)
                self._buffer.drop(found.end, found.lines)
                return block
            if not region.lines and self._long_line_begins():
                return self._long_line()
            if self._buffer.ended and not region.lines:
                return None
            size = max(2 * size, self._scanner.limit + 3 + block_bytes)

    def _region(self, size: int) -> Region:
        """The whole lines that begin within so many bytes; the last one of a file may have no end."""
        data = self._buffer.data
        last = LINE_END.search(data, size, self._buffer.reach)
        reach = last.end() if last else self._buffer.reach
        if self._buffer.ended and not last:
            reach = len(data)
        else:
            reach = max(data.rfind(b"\n", 0, reach), data.rfind(b"\r", 0, reach)) + 1
        return plain_region(data, reach, self._buffer.line) or odd_region(data, reach, self._buffer.line)

    def _walk(self, region: Region, found: Found) -> None:
        """Go through the lines. The last ones may need bytes that are not here yet."""
        irregular = self._bulk.irregular(region.texts, self._scanner.limit).to_list()
        if not irregular:
            found.plain.append(range(region.lines))
            found.reach(region.end, region.lines)
            return
        line = 0
        while line < region.lines:
            place = bisect_left(irregular, line)
            following = irregular[place] if place < len(irregular) else region.lines
            if following > line:
                found.plain.append(range(line, following))
                line = following
                found.reach(region.starts[line], line)
                continue
            start = region.starts[line]
            if not self._buffer.ended and len(region.data) - start < self._scanner.limit + 3:
                return
            if self._is_comment(region.data, start):
                found.skipped.comments += 1
                line += 1
                found.reach(region.starts[line], line)
                continue
            behind = self._scanned(region, line, found)
            # A record may go on behind the lines of this region.
            line = bisect_left(region.starts, behind) if behind <= region.end else region.lines
            found.reach(behind, line if behind <= region.end else line_count(region, start, behind))

    def _scanned(self, region: Region, line: int, found: Found) -> int:
        """Read the record that begins with a line; where the next one begins."""
        start = region.starts[line]
        record = self._scanner.scan(region.data, start)
        behind = record.behind if record.behind is not None else region.starts[line + 1]
        raw = region.data[start : record.end]
        number = region.first_line + line
        fault = record.fault or undecodable(raw, self._file.encoding)
        if fault:
            self._count(0)
            found.damaged.append(Damaged(number, as_written(raw, self._file.encoding), fault, record.setting))
        else:
            fields = [part.decode() for part in record.fields]
            self.judge(number, (start, record.end), fields, region, found)
        return behind

    def judge(self, number: int, span: tuple[int, int], fields: list[str], region: Region, found: Found) -> None:
        """Put one record where it belongs."""
        if not any(part.strip(BLANK) for part in fields):
            found.skipped.empty += 1
        elif self._rules.is_footer(fields):
            found.skipped.footers += 1
        elif fault := self._rules.fault(fields, number):
            self._count(self._rules.count(fields))
            found.damaged.append(Damaged(number, region.data[slice(*span)], fault))
        else:
            self._count(self._rules.width)
            found.rows.append((number, *span, fields[: self._rules.width]))

    def _count(self, width: int, records: int = 1) -> None:
        self._records += records
        self._one_more += records * (width == self._rules.width + 1)

    def _is_comment(self, data: bytes, start: int) -> bool:
        return self._file.comment is not None and data.startswith(self._file.comment.encode(), start)

    def _made(self, region: Region, found: Found) -> Block:
        good = self._plain(region, found)
        self._count(self._rules.width, good.height)
        names = [str(place) for place in range(self._rules.width)]
        single = pl.DataFrame(
            [(number, start, end, *fields) for number, start, end, fields in found.rows],
            schema={**PLACES, **dict.fromkeys(names, pl.String)},
            orient="row",
        )
        rows = pl.concat([good, single]).sort("_line") if single.height else good
        spans = rows.select("_start", "_end")

        def raw(places: Sequence[int]) -> list[bytes]:
            return [region.data[start:end] for start, end in spans[list(places)].iter_rows()]

        return Block(
            names=self._rules.header,
            frame=rows.select(names),
            lines=rows["_line"],
            raw=raw,
            form=Form.TEXT,
            damaged=sorted(found.damaged, key=lambda damaged: damaged.line),
            skipped=found.skipped,
        )

    def _plain(self, region: Region, found: Found) -> pl.DataFrame:
        """The records of the plain lines; those with a wrong number of fields and the like are judged by themselves."""
        lines = pl.DataFrame(
            {
                "_line": pl.int_range(region.lines, dtype=pl.UInt64, eager=True) + region.first_line,
                "_start": region.begins[: region.lines],
                "_end": region.ends,
                "text": region.texts,
            }
        )
        if found.plain != [range(region.lines)]:
            first = pl.Series([part.start for part in found.plain], dtype=pl.Int64)
            behind = pl.Series([part.stop for part in found.plain], dtype=pl.Int64)
            lines = lines[pl.int_ranges(first, behind, eager=True).explode(empty_as_null=False)]
        rows = self._bulk.without_comments(lines)
        found.skipped.comments += lines.height - rows.height
        parsed = self._bulk.parsed(rows)
        if parsed is None:
            doubtful = self._bulk.doubtful(rows["text"])
            good, places = self._bulk.split(rows.filter(~doubtful)), doubtful.arg_true()
        else:
            good, places = parsed
            if len(places):
                good = good.with_row_index("_row").remove(pl.col("_row").is_in(places.implode())).drop("_row")
        for number, start, end, text in rows[places].iter_rows():
            self.judge(number, (start, end), self._bulk.fields(text), region, found)
        return good

    def _long_line_begins(self) -> bool:
        return len(self._buffer.data) > self._scanner.limit + 2

    def _long_line(self) -> Block:
        """A line whose end is further off than a record may be long."""
        record = self._scanner.scan(self._buffer.data, 0)
        found = Found(damaged=[Damaged(self._buffer.line, self._buffer.data[: record.end], record.fault or "")])
        self._count(0)
        self._buffer.skip_line()
        return self._made(NOTHING, found)


def line_count(region: Region, start: int, end: int) -> int:
    """The lines of a region up to a place behind its last one."""
    return bisect_left(region.starts, start) + count_lines(region.data, start, end)


def plain_region(data: bytes, reach: int, first_line: int) -> Region | None:
    """Where all is UTF-8 and each line ends alike, with LF or CRLF."""
    returns = data.count(b"\r", 0, reach)
    if returns and not returns == data.count(b"\r\n", 0, reach) == data.count(b"\n", 0, reach):
        return None
    part = data[:reach]
    if not part:
        return None
    try:
        text = pl.Series("text", [part.removesuffix(b"\n")], pl.Binary).cast(pl.String)
    except ComputeError:
        return None
    lines = text.str.split("\n").explode()[:MOST_RECORDS]
    behind = (lines.str.len_bytes().cast(pl.UInt64) + 1).cum_sum().clip(upper_bound=reach)
    texts = lines.str.strip_suffix("\r") if returns else lines
    begins = pl.concat([pl.Series("text", [0], pl.UInt64), behind])
    return Region(data, first_line, begins, begins[:-1] + texts.str.len_bytes(), texts)


def odd_region(data: bytes, reach: int, first_line: int) -> Region:
    """Where bytes are no UTF-8, or lines end each in another way."""
    spans = [found.span() for found in islice(LINE_END.finditer(data, 0, reach), MOST_RECORDS)]
    ends, starts = [end for end, _ in spans], [0, *(behind for _, behind in spans)]
    if starts[-1] < reach and len(spans) < MOST_RECORDS:
        ends.append(reach)
        starts.append(reach)
    texts = TEXT_LINE_END.split(data[: starts[-1]].decode(errors="replace"))[: len(ends)]
    return Region(
        data,
        first_line,
        pl.Series(starts, dtype=pl.UInt64),
        pl.Series(ends, dtype=pl.UInt64),
        pl.Series("text", texts, pl.String),
    )
