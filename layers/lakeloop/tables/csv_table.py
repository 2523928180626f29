"""CSV and its kin: the lines before the header, the header, and the records in blocks."""

import re
from collections.abc import Iterator

from lakeloop.contract.file import FileFormat
from lakeloop.errors import UnreadableObjectError
from lakeloop.streams import ByteStream
from lakeloop.tables.buffer import Buffer
from lakeloop.tables.csv_blocks import BlockReader
from lakeloop.tables.dialect import SPACES, Dialect
from lakeloop.tables.guesses import FitsContract, refusal
from lakeloop.tables.lines import BLANK, RecordRules
from lakeloop.tables.scanner import Scanner
from lakeloop.tables.table import Block

BLOCK_BYTES = 8 * 1024 * 1024
# So far a header is looked for, or a record with as many fields as the contract has columns.
LINES_AHEAD = 12
BOM = b"\xef\xbb\xbf"
SEP = re.compile(rb'"?sep=(.)"?', re.IGNORECASE)


class CsvTable:
    """One CSV file."""

    def __init__(
        self, stream: ByteStream, file: FileFormat, *, width: int | None = None, expected: FitsContract | None = None
    ) -> None:
        self._file = file
        self._dialect = Dialect.of(file)
        self._scanner = Scanner(self._dialect)
        self._buffer = Buffer(stream)
        self._skip_marks()
        for _ in range(file.skiprows):
            self._buffer.skip_line()
        self.header = self._read_header(expected) if file.header else None
        self._width = len(self.header) if self.header is not None else width or self._width_of_first()
        if expected is not None and width is not None and self.header is None:
            self._refuse_another_width(width)

    def blocks(self, block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
        rules = RecordRules.of(self._file, self._width, self.header)
        reader = BlockReader(self._buffer, self._file, self._scanner, rules)
        while (block := reader.block(block_bytes)) is not None:
            if block.frame.height or block.damaged or block.skipped.any:
                yield block
        if reader.one_more:
            raise UnreadableObjectError(
                f"every line has one value more than the header, which names {self._width} columns: do the names of "
                "rows stand in front? Then name that column too"
            )

    def _skip_marks(self) -> None:
        """Byte order marks, which some tools write twice, and Excel's line `sep=;`."""
        self._buffer.fill(1024)
        while self._buffer.data.startswith(BOM):
            self._buffer.data = self._buffer.data[len(BOM) :]
        lines = self._buffer.peek_lines(1)
        found = SEP.fullmatch(lines[0].strip(b" ")) if lines else None
        if found is None:
            return
        if found[1] != self._dialect.delimiter:
            raise UnreadableObjectError(
                f"line 1 says sep={found[1].decode()}, the contract says {self._file.delimiter}: set "
                f'`file: {{delimiter: "{found[1].decode()}"}}`'
            )
        self._buffer.skip_line()

    def _read_header(self, expected: FitsContract | None) -> list[str]:
        self._skip_empty()
        line, ahead = self._buffer.line, self._buffer.peek_lines(LINES_AHEAD)
        names = [name.strip(BLANK) for name in self._buffer.take_record(self._scanner)] if ahead and ahead[0] else []
        while names and not names[-1]:
            names.pop()
        if not names:
            raise UnreadableObjectError("the file is empty: the first line must name the columns")
        if expected is not None and not expected(names):
            refusal(names, ahead, line, self._file, expected)
        for _ in range(self._file.skip_after_header):
            self._buffer.skip_line()
        return names

    def _skip_empty(self) -> None:
        comment = self._dialect.comment
        while lines := self._buffer.peek_lines(1):
            if self._buffer.skip_blank_lines():
                continue
            if not self._buffer.data:
                return
            if lines[0].strip() and not (comment and lines[0].startswith(comment)):
                return
            self._buffer.skip_line()

    def _width_of_first(self) -> int:
        self._skip_empty()
        self._buffer.fill(self._scanner.limit + 2)
        return max(len(self._scanner.scan(self._buffer.data, 0).fields), 1)

    def _refuse_another_width(self, width: int) -> None:
        """Where each of the first records has another number of fields than the contract; one alone is damaged."""
        rules = RecordRules.of(self._file, width, None)
        found = [rules.count(fields) for fields in self._first_records()]
        if found and width not in found:
            raise UnreadableObjectError(
                f"line {self._buffer.line} has {found[0]} fields, the contract has {width} columns, and without a "
                "header they stand in the same order: list every column of the file, those to be left out with "
                "`type: skip`"
            )

    def _first_records(self) -> Iterator[list[str]]:
        """The fields of those that can be read."""
        self._skip_empty()
        self._buffer.fill(2 * (self._scanner.limit + 2))
        data, start = self._buffer.data, 0
        for _ in range(LINES_AHEAD):
            if start >= min(len(data), self._scanner.limit + 2):
                return
            found = self._scanner.scan(data, start)
            if found.behind is None:
                return
            comment = self._dialect.comment is not None and data.startswith(self._dialect.comment, start)
            start = found.behind
            if not comment and any(field.strip(SPACES) for field in found.fields):
                yield [field.decode(errors="replace") for field in found.fields]
