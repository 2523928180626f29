"""Bytes that come in pieces."""

from typing import Protocol


class ByteStream(Protocol):
    """A body that is read once, in pieces; nothing at its end."""

    def read(self, size: int, /) -> bytes: ...
