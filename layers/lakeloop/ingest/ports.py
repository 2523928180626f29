"""What ingest asks of the outside world."""

from typing import Protocol

from lakeloop.messages import DataCommitted


class ByteStream(Protocol):
    """A body that is read once, in pieces."""

    def read(self, size: int, /) -> bytes: ...


class Landing(Protocol):
    def current_version(self, key: str) -> str | None:
        """The version a reader of the key gets now, None when it is deleted."""

    def open(self, key: str, version: str) -> ByteStream: ...


class Publisher(Protocol):
    def publish(self, message: DataCommitted) -> None: ...
