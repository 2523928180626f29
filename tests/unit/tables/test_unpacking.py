"""Bytes out of their containers, in whatever sizes they are asked for."""

import bz2
import gzip
import io
import lzma
import pickle
import re
from collections.abc import Callable, Sequence
from itertools import cycle

import pytest
from backports import zstd

from lakeloop.errors import UnreadableObjectError
from lakeloop.ingest.mending import Mend, mended
from lakeloop.streams import ByteStream, HashingStream
from lakeloop.tables.unpacking import PIECE, in_utf8, unpacked

# No two pieces alike, and more than one of every reader's.
TEXT = "".join(f"{number};Tromsø\n" for number in range(4 * PIECE // 10))
PLAIN = TEXT.encode()

STREAMS: dict[str, Callable[[], ByteStream]] = {
    "plain": lambda: unpacked(io.BytesIO(PLAIN)),
    "gzip": lambda: unpacked(io.BytesIO(gzip.compress(PLAIN))),
    "zstd": lambda: unpacked(io.BytesIO(zstd.compress(PLAIN))),
    "another encoding": lambda: in_utf8(unpacked(io.BytesIO(TEXT.encode("latin-1"))), "latin-1"),
    "hashed": lambda: unpacked(HashingStream(io.BytesIO(PLAIN))),
    "mended": lambda: mended(io.BytesIO(PLAIN), "utf-8", Mend(records=())),
}
SIZES: dict[str, Sequence[int]] = {
    "the first bytes, then the rest": (4, len(PLAIN)),
    "a head at once": (3 * PIECE,),
    "a byte, then more": (1, 2, 3, PIECE + 1),
    "odd ones": (5, 1, PIECE - 1, 4, 3 * PIECE),
}


@pytest.mark.parametrize("made", STREAMS.values(), ids=STREAMS)
@pytest.mark.parametrize("sizes", SIZES.values(), ids=SIZES)
def test_a_stream_gives_the_same_bytes_in_any_sizes_and_no_short_answer_before_its_end(
    made: Callable[[], ByteStream], sizes: Sequence[int]
) -> None:
    stream, given, following = made(), b"", cycle(sizes)

    while given != PLAIN:
        size = next(following)
        piece = stream.read(size)
        assert len(piece) == min(size, len(PLAIN) - len(given))
        given += piece
        assert PLAIN.startswith(given)

    assert stream.read(PIECE) == b""


@pytest.mark.parametrize("content", [b"", b"a", b"\x1f", b"abcd", b"abcde"])
def test_a_file_shorter_than_what_tells_its_container_is_given_whole(content: bytes) -> None:
    stream = unpacked(io.BytesIO(content))

    assert [stream.read(100), stream.read(100)] == [content, b""]


# By name, as gzip writes the second into what it makes: each process that collects would call the test otherwise.
NO_TABLES = {
    "bzip2": (bz2.compress(b"a,b\n1,2\n"), "packed by bzip2"),
    "xz": (lzma.compress(b"a,b\n1,2\n"), "packed by xz"),
    "bzip2 within gzip": (gzip.compress(bz2.compress(b"a,b\n1,2\n")), "packed by bzip2"),
    "a zip within zstd": (zstd.compress(b"PK\x03\x04rest"), "a spreadsheet or a zip"),
    "pickle 4": (pickle.dumps([1, 2], protocol=4), "pickled by Python"),
    "pickle 5": (pickle.dumps([1, 2], protocol=5), "pickled by Python"),
    "7z": (b"7z\xbc\xaf\x27\x1c\x00\x04", "a 7z archive"),
    "RAR": (b"Rar!\x1a\x07\x01\x00", "a RAR archive"),
    "lz4": (b"\x04\x22\x4d\x18d@", "packed by lz4"),
    "old Office": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    "PDF": (b"%PDF-1.7", "a PDF"),
    "SQLite": (b"SQLite format 3\x00\x10", "an SQLite database"),
    "Arrow": (b"ARROW1\x00\x00\xff", "an Arrow (Feather) file"),
    "Avro": (b"Obj\x01\x04", "an Avro file"),
    "HDF5": (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    "R": (b"RDX3\nX\n\x00", "saved by R"),
}


@pytest.mark.parametrize("name", NO_TABLES)
def test_what_is_no_table_is_said_with_what_to_do(name: str) -> None:
    content, what = NO_TABLES[name]

    with pytest.raises(UnreadableObjectError, match=re.escape(f"the file is {what}")):
        unpacked(io.BytesIO(content))


@pytest.mark.parametrize(
    "header", [b"BZh,a\n", b"BZh91,a\n", b"RDX3\n1\n", b"%PDF-,x\n", b"PK,a\n", b"Obj,a\n", b"ORC,a\n"]
)
def test_a_header_that_begins_like_an_archive_is_a_header(header: bytes) -> None:
    assert unpacked(io.BytesIO(header)).read(100) == header
