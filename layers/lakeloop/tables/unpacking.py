"""Bytes as they were before they were compressed, in UTF-8, whatever the file's own encoding."""

import codecs
import re
import sys
import zlib
from collections.abc import Callable
from typing import Protocol

from lakeloop.errors import UnreadableObjectError
from lakeloop.streams import ByteStream
from lakeloop.tables.foreign import SIGNATURE_BYTES, refuse_foreign

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
PIECE = 64 * 1024
MOST_AT_ONCE = 1024 * 1024
# A table of text shrinks to a tenth or a fiftieth; what grows a thousandfold is made to fill a disk.
MOST_EXPANSION = 1000
FREE_BYTES = 64 * 1024 * 1024
# Beside UTF-8, encodings in which each undecodable byte can be told; others are decoded strictly.
UTF8 = ("utf-8", "utf8", "utf-8-sig")
BYTES_AS_HALVES = "lakeloop.bytes_as_halves"
FIRST_HALF = 0xDC00
ENCODED_HALF = re.compile(rb"\xed[\xb0-\xb3][\x80-\xbf]")


class Pieces:
    """A stream made of what a function gives, piece by piece; nothing at its end."""

    def __init__(self, next_piece: Callable[[], bytes | None]) -> None:
        self._next_piece = next_piece
        self._held = bytearray()

    def read(self, size: int, /) -> bytes:
        while len(self._held) < size:
            piece = self._next_piece()
            if piece is None:
                break
            self._held += piece
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken


def unpacked(stream: ByteStream) -> ByteStream:
    """The stream without the compression that its first bytes tell of.

    Raises UnreadableObjectError at once for what is no table (archives, spreadsheets, databases), also inside a
    compressed file, and while it is read for a container that is broken or grows beyond all measure.
    """
    first, whole = _begun(stream)
    if first.startswith(GZIP):
        first, whole = _begun(Pieces(_Unpacking(whole, _Gzip()).piece))
    elif first.startswith(ZSTD):
        first, whole = _begun(Pieces(_Unpacking(whole, _Zstd()).piece))
    refuse_foreign(first)
    return whole


def _begun(stream: ByteStream) -> tuple[bytes, ByteStream]:
    """The first bytes, and the stream with them in front again."""
    first = stream.read(SIGNATURE_BYTES)
    return first, _Behind(first, stream)


def in_utf8(stream: ByteStream, encoding: str) -> ByteStream:
    """The text in UTF-8; a byte that is none of the encoding becomes half of a pair of surrogates, which is no UTF-8.

    Left as they are, bytes of another encoding could be UTF-8 together.
    """
    if is_utf8(encoding):
        return stream
    try:
        decoder = codecs.getincrementaldecoder(encoding)(BYTES_AS_HALVES)
    except LookupError as error:
        raise UnreadableObjectError(f"the encoding {encoding} is not known: name one that Python has") from error

    def piece() -> bytes | None:
        taken = stream.read(PIECE)
        try:
            text = decoder.decode(taken, final=not taken)
        except UnicodeDecodeError as error:
            raise UnreadableObjectError(f"not {encoding}: {error.reason}") from error
        return text.encode(errors="surrogatepass") if taken or text else None

    return Pieces(piece)


def is_utf8(encoding: str) -> bool:
    return encoding.lower().replace("_", "-") in UTF8


def as_written(raw: bytes, encoding: str) -> bytes:
    """What `in_utf8` gave, with the bytes that are none of the encoding as they stood in the file."""
    if is_utf8(encoding):
        return raw
    return ENCODED_HALF.sub(lambda half: bytes([ord(half[0].decode(errors="surrogatepass")) - FIRST_HALF]), raw)


def _halves(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(FIRST_HALF + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(BYTES_AS_HALVES, _halves)


class _Behind:
    """A stream with what was read of it in front again."""

    def __init__(self, first: bytes, stream: ByteStream) -> None:
        self._first = first
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        if not self._first:
            return self._stream.read(size)
        taken, self._first = self._first[:size], self._first[size:]
        # A short answer would look like the end of the file to whoever reads its head.
        return taken + self._stream.read(size - len(taken)) if len(taken) < size else taken


class _Unpacking:
    """Unpacks a piece at a time, and refuses what grows beyond all measure."""

    def __init__(self, stream: ByteStream, format_: "_Format") -> None:
        self._stream = stream
        self._format = format_
        self._taken = 0
        self._given = 0

    def piece(self) -> bytes | None:
        try:
            while not (plain := self._format.plain()):
                packed = self._stream.read(PIECE)
                if not packed:
                    self._end()
                    return None
                self._taken += len(packed)
                self._format.feed(packed)
        except (zlib.error, zstd.ZstdError) as error:
            raise UnreadableObjectError(f"the compressed file is broken: {error}") from error
        self._given += len(plain)
        if self._given > FREE_BYTES + MOST_EXPANSION * self._taken:
            raise UnreadableObjectError(f"the file grows more than {MOST_EXPANSION} times: it is no table")
        return plain

    def _end(self) -> None:
        if self._format.open:
            raise UnreadableObjectError("the compressed file ends in its middle: was it copied whole?")


class _Format(Protocol):
    """What is packed in any number of parts, one behind the other; a part may end inside a line."""

    @property
    def open(self) -> bool:
        """Whether the last part that began has not ended."""

    def feed(self, packed: bytes) -> None: ...

    def plain(self) -> bytes:
        """At most MOST_AT_ONCE bytes of what was fed; nothing where more must be fed first."""


class _Gzip:
    """Zeros behind the last part are padding."""

    def __init__(self) -> None:
        self._packed = b""
        self._part = _gzip_part()
        self.open = False

    def feed(self, packed: bytes) -> None:
        self._packed += packed

    def plain(self) -> bytes:
        while self.open or self._packed:
            if not self.open:
                self._packed = self._packed.lstrip(b"\0")
                if not self._packed:
                    break
                self._part, self.open = _gzip_part(), True
            plain = self._part.decompress(self._packed, MOST_AT_ONCE)
            self.open = not self._part.eof
            self._packed = self._part.unconsumed_tail if self.open else self._part.unused_data
            if plain or (self.open and not self._packed):
                return plain
        return b""


def _gzip_part() -> "zlib._Decompress":
    return zlib.decompressobj(zlib.MAX_WBITS | 16)


class _Zstd:
    def __init__(self) -> None:
        self._packed = b""
        self._part = zstd.ZstdDecompressor()
        self.open = False

    def feed(self, packed: bytes) -> None:
        self._packed += packed

    def plain(self) -> bytes:
        while self._packed or (self.open and not self._part.needs_input):
            if not self.open:
                self._part, self.open = zstd.ZstdDecompressor(), True
            plain = self._part.decompress(self._packed, MOST_AT_ONCE)
            self.open = not self._part.eof
            self._packed = b"" if self.open else self._part.unused_data
            if plain:
                return plain
        return b""
