"""Bytes out of their containers, in whatever sizes they are asked for."""

import gzip
import io
from collections.abc import Callable, Sequence
from itertools import cycle

import pytest
from backports import zstd

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
