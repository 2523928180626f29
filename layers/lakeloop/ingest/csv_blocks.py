"""A CSV stream as blocks of whole records, so that memory does not grow with the file."""

import csv
import io
from collections.abc import Iterator

from lakeloop.errors import UnreadableObjectError
from lakeloop.ingest.ports import ByteStream

BLOCK_BYTES = 16 * 1024 * 1024
BOM = b"\xef\xbb\xbf"


def read_header(block: bytes) -> tuple[list[str], bytes]:
    """The column names of the first record, and the block without it.

    Raises UnreadableObjectError when there is no header, or one that names a column twice or not at all.
    """
    end = _record_end(block, block.find(b"\n") + 1) if b"\n" in block else len(block)
    try:
        first = block[:end].removeprefix(BOM).decode()
    except UnicodeDecodeError as error:
        raise UnreadableObjectError(f"the header is not UTF-8: {error}. Save the file as UTF-8") from error
    names = [name.strip() for name in next(csv.reader(io.StringIO(first)), [])]
    if not any(names):
        raise UnreadableObjectError("the file is empty: the first line must name the columns")
    if "" in names or len(set(names)) != len(names):
        raise UnreadableObjectError(f"the header {names} must name each column once")
    return names, block[end:]


def record_blocks(stream: ByteStream, block_bytes: int) -> Iterator[bytes]:
    """Blocks that end with a record; a line break between quotes does not end one."""
    rest = b""
    while chunk := stream.read(block_bytes):
        rest += chunk
        if cut := _last_record_end(rest):
            yield rest[:cut]
            rest = rest[cut:]
    if rest:
        yield rest


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


def _record_end(data: bytes, start: int) -> int:
    """Position behind the first line break at or behind `start - 1` that stands outside quotes."""
    end = start
    while data.count(b'"', 0, end) % 2 and (newline := data.find(b"\n", end)) >= 0:
        end = newline + 1
    return end
