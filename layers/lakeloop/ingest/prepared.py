"""A landed file that has been judged, and what a commit says about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lakeloop.contract.gate import Delivery
from lakeloop.ingest.mend_keys import mend_key
from lakeloop.ingest.notification import LandedObject
from lakeloop.ingest.ports import Landing
from lakeloop.ingest.transformed import TransformedFile
from lakeloop.lake.index import Counts, Entry, Index
from lakeloop.lake.sources import Source


@dataclass(frozen=True)
class Prepared:
    """A file that has been judged and is ready for its commit.

    `reading` is the digest of the contract it was read by, `borders` are those of its split by time, `integers` its
    columns of whole numbers; `landed_at` is in seconds since 1970.
    """

    landed: LandedObject
    landed_at: float
    reading: str
    source: Source
    result: TransformedFile
    borders: tuple[str, ...] = ()
    integers: tuple[str, ...] = ()

    @property
    def size_bytes(self) -> int:
        return self.result.size_bytes

    @property
    def identity(self) -> str:
        return self.entry().identity

    @property
    def age(self) -> tuple[float, str, str]:
        return self.entry().age

    def entry(self, place: str = "", ranges: Sequence[int] = ()) -> Entry:
        """What the index tells of the file when its rows lie at a place; without one they are counted elsewhere."""
        return Entry(
            uri=self.source.uri,
            version=self.source.version,
            event_id=self.source.event_id,
            sha256=self.source.sha256,
            reading=self.reading,
            landed=self.landed_at,
            sequencer=self.landed.sequencer,
            counts=self.result.counts if place else Counts(),
            place=place,
            ranges=tuple(ranges),
            borders=self.borders if place else (),
            integers=self.integers if place else (),
        )

    def is_on(self, index: Index, delivery: Delivery) -> bool:
        """Whether an earlier delivery brought the same rows already.

        The same bytes under the same name are no change, but where the newest rows count: there they are newer. A
        version that main has with mended rows is read anew with them only: their own message asks for that.
        """
        there = index.get(self.landed.source_id)
        if there is None:
            return False
        if (
            there.version == self.landed.version
            and there.event_id != self.landed.event_id
            and not self.landed.mended_by
        ):
            return True
        if there.reading != self.reading:
            return False
        return there.event_id == self.landed.event_id or (delivery == "append" and there.sha256 == self.source.sha256)

    def was_rolled_back(self, index: Index) -> bool:
        """Whether a person took this very delivery off main since, and S3 tells of it a second time.

        A file that is dropped again has an event of its own, also where it has no version; a replay has no sequencer.
        """
        return bool(self.landed.sequencer) and any(
            (gone.version, gone.sequencer) == (self.landed.version, self.landed.sequencer)
            for gone in index.rolled_back_of(self.landed.source_id)
        )


def listed(files: Iterable[Prepared]) -> str:
    return ", ".join(str(file.landed) for file in files)


def is_current(landing: Landing, landed: LandedObject) -> bool:
    """Whether a reader of the key gets this version. A newer one has an event of its own."""
    current = landing.current(landed.key)
    return current is not None and current.version == landed.version and mend_is_current(landing, landed)


def mend_is_current(landing: Landing, landed: LandedObject) -> bool:
    """Whether nothing replaced the mended rows that a file is to be read with, where there are some."""
    if not landed.mended_by:
        return True
    mend = landing.current(mend_key(landed))
    return mend is not None and mend.version == landed.mended_by
