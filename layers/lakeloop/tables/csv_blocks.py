"""Records in blocks: most lines are plain and read in bulk, the others one by one by the scanner.

Where a part of the file is plain altogether (`lakeloop.tables.plain`), lines are not looked at. Elsewhere a line
without quotes, escapes and undecodable bytes is a whole record wherever the record before it has ended. So is
one whose quotes all open at a field's start and close before a delimiter. Any other is scanned from its start, and
reading goes on where the scanner ends.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from lakeloop.contract.file import FileFormat
from lakeloop.tables.buffer import Buffer
from lakeloop.tables.bulk import Bulk
from lakeloop.tables.dialect import LINE_END
from lakeloop.tables.lines import BLANK, FEWEST_RECORDS, RecordRules, undecodable
from lakeloop.tables.plain import PlainReader
from lakeloop.tables.regions import NOTHING, Region, divided, line_count, measured, odd_region, plain_region
from lakeloop.tables.scanner import Scanner
from lakeloop.tables.table import Block, Damaged, Form, Skipped
from lakeloop.tables.unpacking import as_written

LINE = {"_line": pl.UInt64}
# Of a record that is read by itself each field is an object until its block is made.
MOST_SCANNED = 8_000


@dataclass
class Found:
    """What a walk over a region found; `rows` are fields of records that were read one by one, by line.

    A record that was neither and goes on behind its line ends so many lines `later`, by its number.
    """

    plain: list[range] = field(default_factory=list)
    later: dict[int, int] = field(default_factory=dict)
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
        self._plain_reader = PlainReader(file, rules.width) if self._bulk.is_compiled else None
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
            reach = self._reach(size)
            if block := self._plain_block(reach, found):
                return block
            region = self._region(reach)
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

    def _reach(self, size: int) -> int:
        """Where the last of the lines ends that begin within so many bytes; the last one of a file may have no end."""
        data = self._buffer.data
        last = LINE_END.search(data, size, self._buffer.reach)
        if self._buffer.ended and not last:
            return len(data)
        reach = last.end() if last else self._buffer.reach
        return max(data.rfind(b"\n", 0, reach), data.rfind(b"\r", 0, reach)) + 1

    def _region(self, reach: int) -> Region:
        data, line = self._buffer.data, self._buffer.line
        return plain_region(data, reach, line) or odd_region(data, reach, line)

    def _plain_block(self, reach: int, found: Found) -> Block | None:
        """The records up to there, where the compiled parser can be asked; None where lines must be looked at."""
        data, first = self._buffer.data, self._buffer.line
        part = self._plain_reader.part(data, reach) if self._plain_reader else None
        fields = self._bulk.read(part) if part else None
        if part is None or fields is None:
            return None
        region = Region(
            data,
            first,
            part.size,
            part.lines,
            lines=lambda: divided(data, part.size),
            spans=lambda: measured(part, fields),
        )
        lines = part.breaks.lines(fields.height)
        numbers = (lines + first).rename("_line")
        places = self._bulk.suspicious(fields)
        good = pl.DataFrame([numbers, *fields.get_columns()])
        if len(places):
            if not part.breaks.by_record.keys().isdisjoint(places):
                return None
            texts = region.texts.gather(lines.gather(places))
            doubtful = self._bulk.doubtful(texts)
            for number, text in zip(numbers.gather(places).filter(doubtful), texts.filter(doubtful), strict=True):
                self._judge_line(number, text, region, found)
            good = good.filter(~numbers.is_in(numbers.gather(places).filter(doubtful).implode()))
        found.later = {int(numbers[record]): more for record, more in part.breaks.by_record.items()}
        block = self._block(region, found, good)
        self._buffer.drop(part.size, part.lines)
        return block

    def _walk(self, region: Region, found: Found) -> None:
        """Go through the lines. The last ones may need bytes that are not here yet."""
        irregular = self._bulk.irregular(region.texts, self._scanner.limit).to_list()
        if not irregular:
            found.plain.append(range(region.lines))
            found.reach(region.end, region.lines)
            return
        line = 0
        while line < region.lines and len(found.rows) < MOST_SCANNED:
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

    def _judge_line(self, number: int, text: str, region: Region, found: Found) -> None:
        """Put the record of one plain line where it belongs."""
        line = number - region.first_line
        span = region.starts[line], int(region.spans.ends[line])
        self.judge(number, span, self._bulk.fields(text), region, found)

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
        return self._block(region, found, self._plain(region, found))

    def _block(self, region: Region, found: Found, good: pl.DataFrame) -> Block:
        self._count(self._rules.width, good.height)
        names = [str(place) for place in range(self._rules.width)]
        rows, spans = good, {}
        if found.rows:
            spans = {number: (start, end) for number, start, end, _ in found.rows}
            single = pl.DataFrame(
                [(number, *fields) for number, _, _, fields in found.rows],
                schema={**LINE, **dict.fromkeys(names, pl.String)},
                orient="row",
            )
            rows = pl.concat([good, single]).sort("_line")
        numbers = rows["_line"]

        def raw(places: Sequence[int]) -> list[bytes]:
            asked = numbers.gather(list(places))
            lines = asked - region.first_line
            last = lines + pl.Series([found.later.get(number, 0) for number in asked], dtype=pl.UInt64)
            begins, ends = region.spans.begins.gather(lines), region.spans.ends.gather(last)
            each = zip(asked, begins, ends, strict=True)
            return [region.data[slice(*spans.get(number, (begin, end)))] for number, begin, end in each]

        return Block(
            names=self._rules.header,
            frame=rows[names],
            lines=numbers,
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
        for number, text in rows[places].iter_rows():
            self._judge_line(number, text, region, found)
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
