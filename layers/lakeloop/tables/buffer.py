"""What was read of a stream and is not worked through yet."""

from lakeloop.errors import UnreadableObjectError
from lakeloop.tables.dialect import LINE_END
from lakeloop.tables.scanner import MAX_RECORD_BYTES, Scanner
from lakeloop.tables.table import ByteStream

PIECE = 256 * 1024


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

    def take_line(self) -> bytes | None:
        """The next line without its end, None behind the last one."""
        self.fill(MAX_RECORD_BYTES + 2)
        if not self.data:
            return None
        found = LINE_END.search(self.data)
        if found is None and not self.ended:
            raise UnreadableObjectError(f"line {self.line} has more than {MAX_RECORD_BYTES} bytes: is this a table?")
        end, behind = found.span() if found else (len(self.data), len(self.data))
        line = self.data[:end]
        self.drop(behind, 1)
        return line

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
