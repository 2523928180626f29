"""Bytes that come in pieces."""

import hashlib
from typing import Protocol


class ByteStream(Protocol):
    """A body that is read once, in pieces: as many bytes as are asked for, fewer only where it ends, then none."""

    def read(self, size: int, /) -> bytes: ...


class HashingStream:
    """Hashes what passes, so that the commit can say which bytes it was made of."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._sha256 = hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        piece = self._stream.read(size)
        self._sha256.update(piece)
        return piece

    def hexdigest(self) -> str:
        return self._sha256.hexdigest()
