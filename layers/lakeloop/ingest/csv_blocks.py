"""A CSV stream as blocks of whole records, so that memory does not grow with the file."""

import csv
import io
from collections.abc import Iterator

from lakeloop.errors import UnreadableObjectError
from lakeloop.ingest.ports import ByteStream

BLOCK_BYTES = 8 * 1024 * 1024
# One line of text, or one quoted field with line breaks, is never so long; what lies behind an open quote is.
MAX_RECORD_BYTES = 1024 * 1024
BOM = b"\xef\xbb\xbf"


def read_header(block: bytes) -> tuple[list[str], bytes]:
    """The column names of the first record, and the block without it.

    Raises UnreadableObjectError when there is no header, or one that names a column twice or not at all. It says
    where and not what: the header of a file without one is a row.
    """
    end = _first_record_end(block)
    try:
        first = block[:end].removeprefix(BOM).decode()
        names = [name.strip() for name in next(csv.reader(io.StringIO(first)), [])]
    except UnicodeDecodeError as error:
        raise UnreadableObjectError(f"the header is not UTF-8: {error}. Save the file as UTF-8") from error
    except csv.Error as error:
        raise UnreadableObjectError(
            f"the header is not one line of CSV: {error}. Save the file with line feeds at the ends of its lines"
        ) from error
    if not any(names):
        raise UnreadableObjectError("the file is empty: the first line must name the columns")
    for place, name in enumerate(names, start=1):
        if not name:
            raise UnreadableObjectError(f"the header must name each column once: column {place} has no name")
        if name in names[: place - 1]:
            other = names.index(name) + 1
            raise UnreadableObjectError(
                f"the header must name each column once: columns {other} and {place} have one name"
            )
    return names, block[end:]


def record_blocks(stream: ByteStream, block_bytes: int) -> Iterator[bytes]:
    """Blocks that end with a record; a line break between quotes does not end one.

    Raises UnreadableObjectError for a record that is longer than MAX_RECORD_BYTES.
    """
    rest = b""
    passed = 0
    while chunk := stream.read(block_bytes):
        rest += chunk
        cut = _cut(rest, passed)
        if cut:
            yield rest[:cut]
            rest = rest[cut:]
            passed += cut
    if rest:
        yield rest


def _cut(data: bytes, passed: int) -> int:
    """Position behind the last whole record; records are walked over in steps that the longest one fits into."""
    cut = 0
    while len(data) - cut > MAX_RECORD_BYTES:
        step = _last_record_end(data[cut : cut + MAX_RECORD_BYTES])
        if not step:
            raise UnreadableObjectError(
                f"the record that begins {passed + cut} bytes behind the start of the file is longer than "
                f"{MAX_RECORD_BYTES} bytes: close its quotes, or end its lines with line feeds"
            )
        cut += step
    return cut + _last_record_end(data[cut:])


def _last_record_end(data: bytes) -> int:
    """Position behind the last line break outside quotes, 0 when there is none.

    Quotes inside a quoted field are doubled, so that a position is outside quotes when an even number stands before it.
    """
    quotes_behind = 0
    quotes = data.count(b'"')
    end = len(data)
    while (newline := data.rfind(b"\n", 0, end)) >= 0:
        quotes_behind += data.count(b'"', newline, end)
        if (quotes - quotes_behind) % 2 == 0:
            return newline + 1
        end = newline
    return 0


def _first_record_end(data: bytes) -> int:
    """Position behind the first line break outside quotes, the length of the data when there is none."""
    quotes = 0
    start = 0
    while (newline := data.find(b"\n", start)) >= 0:
        quotes += data.count(b'"', start, newline)
        start = newline + 1
        if quotes % 2 == 0:
            return start
    return len(data)
