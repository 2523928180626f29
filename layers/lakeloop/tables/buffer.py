"""What was read of a stream and is not worked through yet."""

import re
from collections.abc import Iterator

from lakeloop.errors import UnreadableObjectError
from lakeloop.streams import ByteStream
from lakeloop.tables.dialect import LINE_END
from lakeloop.tables.scanner import MAX_RECORD_BYTES, Scanner

PIECE = 256 * 1024
BLANK_LINES = re.compile(rb"(?:[ \t]*+(?:\r\n|\n|\r))++")


class Buffer:
    """Bytes from the start of a line on, and that line's number."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self.data = b""
        self.line = 1
        self.ended = False

    def fill(self, size: int) -> None:
        """Read until so many bytes are here, or the stream ends."""
        pieces = [self.data]
        held = len(self.data)
        while held < size and not self.ended:
            piece = self._stream.read(max(PIECE, size - held))
            self.ended = not piece
            pieces.append(piece)
            held += len(piece)
        self.data = b"".join(pieces)

    def drop(self, end: int, lines: int) -> None:
        self.data = self.data[end:]
        self.line += lines

    def skip_blank_lines(self) -> int:
        """Drop the blank lines among what is here; how many they were."""
        blank = BLANK_LINES.match(self.data, 0, self.reach)
        if blank is None:
            return 0
        lines = count_lines(self.data, 0, blank.end())
        self.drop(blank.end(), lines)
        return lines

    def skip_line(self) -> None:
        """Drop the rest of the line, however long it is, and its end."""
        while True:
            self.fill(PIECE)
            end = LINE_END.search(self.data, 0, self.reach)
            if end or self.ended:
                self.drop(end.end() if end else len(self.data), 1)
                return
            self.drop(self.reach, 0)

    @property
    def reach(self) -> int:
        """How far line ends are certain: a CR at the end may be the half of a CRLF."""
        return len(self.data) - (not self.ended and self.data.endswith(b"\r"))

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """The lines without their ends, each with its number; of a line longer than a record may be, one byte more."""
        most = MAX_RECORD_BYTES + 1
        self.fill(2 * most)
        while self.data:
            begun, number = 0, self.line
            for end in LINE_END.finditer(self.data, 0, self.reach):
                yield number, self.data[begun : end.start()][:most]
                begun, number = end.end(), number + 1
            self.drop(begun, number - self.line)
            if not begun or self.ended:
                if self.data:
                    yield self.line, self.data[:most]
                self.skip_line()
            self.fill(2 * most)

    def peek_lines(self, count: int) -> list[bytes]:
        """The next lines without their ends, as far as a record's length reaches."""
        self.fill(MAX_RECORD_BYTES + 2)
        return LINE_END.split(self.data[:MAX_RECORD_BYTES], count)[:count]

    def take_record(self, scanner: Scanner) -> list[str]:
        """The fields of the next record. Raises UnreadableObjectError for one that cannot be read."""
        self.fill(scanner.limit + 2)
        found = scanner.scan(self.data, 0)
        if found.fault or found.behind is None:
            raise UnreadableObjectError(f"line {self.line}, the header: {found.fault}")
        try:
            fields = [field.decode() for field in found.fields]
        except UnicodeDecodeError as error:
            raise UnreadableObjectError(f"line {self.line}, the header, is not UTF-8: say `encoding`") from error
        self.drop(found.behind, count_lines(self.data, 0, found.behind))
        return fields


def count_lines(data: bytes, start: int, end: int) -> int:
    """How many line ends stand there, LF, CRLF and CR alike."""
    part = data[start:end]
    return part.count(b"\n") + part.count(b"\r") - part.count(b"\r\n")
