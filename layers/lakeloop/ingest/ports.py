"""What ingest asks of the outside world."""

from dataclasses import dataclass
from typing import Protocol

from lakeloop.messages import DataCommitted
from lakeloop.streams import ByteStream

# What S3 calls the version of an object that it got while versioning was off.
UNVERSIONED = "null"


@dataclass(frozen=True)
class LandedVersion:
    """`landed` is when S3 took it, in seconds since 1970."""

    version: str
    size_bytes: int
    landed: float


class Landing(Protocol):
    def current(self, key: str) -> LandedVersion | None:
        """What a reader of the key gets now, None when it is deleted.

        Raises UnreadableObjectError for an object that nobody without its own key can read.
        """

    def open(self, key: str, version: str) -> ByteStream:
        """Raises UnreadableObjectError for an archived object."""


class Publisher(Protocol):
    def publish(self, message: DataCommitted) -> None: ...
