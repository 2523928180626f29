"""Bytes as they were before they were compressed, in UTF-8, whatever the file's own encoding."""

import codecs
import zlib
from collections.abc import Callable

import zstandard

from lakeloop.errors import UnreadableObjectError
from lakeloop.tables.table import ByteStream

GZIP = b"\x1f\x8b"
ZSTD = b"\x28\xb5\x2f\xfd"
PIECE = 64 * 1024
# A table of text shrinks to a tenth or a fiftieth; what grows a thousandfold is made to fill a disk.
MOST_EXPANSION = 1000
FREE_BYTES = 64 * 1024 * 1024
# Beside UTF-8, encodings in which each undecodable byte can be told; others are decoded strictly.
UTF8 = ("utf-8", "utf8", "utf-8-sig")


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

    Raises UnreadableObjectError while it is read, for a container that is broken or grows beyond all measure.
    """
    first = stream.read(len(ZSTD))
    whole = _behind(first, stream)
    if first.startswith(GZIP):
        return Pieces(_Unpacking(whole, _Gzip()).piece)
    if first.startswith(ZSTD):
        return Pieces(_Unpacking(whole, _Zstd()).piece)
    return whole


def in_utf8(stream: ByteStream, encoding: str) -> ByteStream:
    """The text in UTF-8; bytes that are none of the encoding stay as they are, and are no UTF-8."""
    if encoding.lower().replace("_", "-") in UTF8:
        return stream
    try:
        decoder = codecs.getincrementaldecoder(encoding)("surrogateescape")
    except LookupError as error:
        raise UnreadableObjectError(f"the encoding {encoding} is not known: name one that Python has") from error

    def piece() -> bytes | None:
        taken = stream.read(PIECE)
        try:
            text = decoder.decode(taken, final=not taken)
        except UnicodeDecodeError as error:
            raise UnreadableObjectError(f"not {encoding}: {error.reason}") from error
        return text.encode(errors="surrogateescape") if taken or text else None

    return Pieces(piece)


def _behind(first: bytes, stream: ByteStream) -> Pieces:
    waiting = [first]
    return Pieces(lambda: waiting.pop() if waiting else stream.read(PIECE) or None)


class _Unpacking:
    """Unpacks piece by piece, and refuses what grows beyond all measure."""

    def __init__(self, stream: ByteStream, format_: "_Gzip | _Zstd") -> None:
        self._stream = stream
        self._format = format_
        self._taken = 0
        self._given = 0

    def piece(self) -> bytes | None:
        packed = self._stream.read(PIECE)
        self._taken += len(packed)
        try:
            plain = self._format.plain(packed)
        except (zlib.error, zstandard.ZstdError) as error:
            raise UnreadableObjectError(f"the compressed file is broken: {error}") from error
        if not packed:
            if self._format.open:
                raise UnreadableObjectError("the compressed file ends in its middle: was it copied whole?")
            return plain or None
        self._given += len(plain)
        if self._given > FREE_BYTES + MOST_EXPANSION * self._taken:
            raise UnreadableObjectError(f"the file grows more than {MOST_EXPANSION} times: it is no table")
        return plain


class _Gzip:
    """Any number of members, which may end inside a line; zeros behind the last are padding."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self.open = False

    def plain(self, packed: bytes) -> bytes:
        parts = []
        while packed:
            if not self.open:
                packed = packed.lstrip(b"\0")
                if not packed:
                    break
                self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)
                self.open = True
            parts.append(self._member.decompress(packed))
            packed = self._member.unused_data
            self.open = not self._member.eof
        return b"".join(parts)


class _Zstd:
    """Any number of frames."""

    def __init__(self) -> None:
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self.open = False

    def plain(self, packed: bytes) -> bytes:
        parts = []
        while packed:
            if not self.open:
                self._frame = zstandard.ZstdDecompressor().decompressobj()
                self.open = True
            parts.append(self._frame.decompress(packed))
            packed = self._frame.unused_data
            self.open = not self._frame.eof
        return b"".join(parts)
