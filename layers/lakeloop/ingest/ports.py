"""What ingest asks of the outside world."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from lakeloop.messages import DataCommitted
from lakeloop.streams import ByteStream

# What S3 calls the version of an object that it got while versioning was off.
UNVERSIONED = "null"


def version_name(version: str, etag: str) -> str:
    """What names the bytes: the version, or where there is none the digest that S3 has of them: `null:<etag>`."""
    digest = etag.strip('"')
    return f"{UNVERSIONED}:{digest}" if version == UNVERSIONED else version


def etag_of(version: str) -> str:
    """The digest in such a name; empty for a version of S3's own."""
    return version.removeprefix(f"{UNVERSIONED}:") if version.startswith(f"{UNVERSIONED}:") else ""


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

    def opened(self, key: str) -> tuple[LandedVersion, ByteStream] | None:
        """What a reader of the key gets now, with its bytes, in one call; None when it is deleted.

        Raises UnreadableObjectError for an object that nobody without its own key can read. One that is archived is
        refused when its bytes are read.
        """

    def open(self, key: str, version: str) -> ByteStream:
        """Raises UnreadableObjectError for an archived object."""


@dataclass(frozen=True)
class ListedObject:
    """What a key of the landing bucket holds now; `version` is empty where it is deleted, which was at `landed`."""

    key: str
    version: str
    size_bytes: int
    landed: float


@dataclass(frozen=True)
class ListedPage:
    """Some keys in order; the next page begins after `after`, which is empty on the last."""

    objects: Sequence[ListedObject]
    after: str


class Listing(Protocol):
    """The landing bucket as a whole."""

    bucket: str

    def page(self, prefix: str, after: str) -> ListedPage:
        """The keys below the prefix that come after a key, deleted ones too while S3 keeps versions of them."""


def objects_below(listing: Listing, prefix: str, after: str = "") -> Iterator[ListedObject]:
    """What the keys below the prefix hold that come after a key."""
    page = listing.page(prefix, after)
    yield from page.objects
    while page.after:
        page = listing.page(prefix, page.after)
        yield from page.objects


class Announcer(Protocol):
    """Tells a chain what S3 would tell it."""

    def announce(self, notification: str) -> None: ...


class Outcomes(Protocol):
    """What became of landed files that are not on main, and what reconciling has done about them."""

    def is_quarantined(self, dataset: str, event_id: str) -> bool:
        """Whether rows of this version were set aside."""

    def failed(self) -> Iterator[str]:
        """What messages of the landing chains that failed were about."""

    def answered(self, dataset: str, source_id: str) -> str:
        """The finding about a file that was acted upon last; empty without one."""

    def answer(self, dataset: str, source_id: str, finding: str) -> None: ...


class Publisher(Protocol):
    def publish(self, message: DataCommitted) -> None: ...
