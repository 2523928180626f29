"""The landing bucket against the index of main: which files are on main as S3 has them, and which are not."""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from typing import Literal

from lakeloop.contract import DatasetContract
from lakeloop.ingest.folders import above
from lakeloop.ingest.mend_keys import mends
from lakeloop.ingest.notification import PREFIX, SUCCESS, LandedObject, is_bystander
from lakeloop.ingest.ports import ListedObject, Listing, objects_below
from lakeloop.lake.index import Entry, Index

Kind = Literal["on main", "young", "older", "before", "rolled back", "waiting", "absent", "another", "deleted"]
"""Of a file: main has this version; it landed just now; a newer snapshot is on main; it landed before the dataset was
made; somebody rolled it back; its folder is not complete; it is not on main; main has another version; it is deleted
and main has its rows."""

# The event of an object that landed just now may be on its way, or its file in the hands of a function.
YOUNG_SECONDS = 15 * 60


@dataclass(frozen=True)
class LandedFile:
    """One key, as S3 has it and as main has it; the version that `landed` names is what S3 has now."""

    kind: Kind
    landed: LandedObject
    entry: Entry | None

    @property
    def came_back(self) -> bool:
        """Whether S3 has an earlier version than main, because later ones were deleted; it tells whole seconds."""
        return self.kind == "another" and self.entry is not None and self.landed.told_at + 1 <= self.entry.landed


class LandedFiles:
    """The files of one dataset in the landing bucket and on main."""

    def __init__(self, contract: DatasetContract, listing: Listing, index: Index, *, began: float, now: float) -> None:
        """`began` is when the dataset's repository was made, in seconds since 1970 like `now`."""
        self._contract = contract
        self._listing = listing
        self._prefix = f"{PREFIX}{contract.name}/"
        self._began = began
        self._now = now
        bucket = f"s3://{listing.bucket}/"
        entries = {entry.uri: entry for _, entry in index.entries()}
        self._entries = {
            uri.removeprefix(bucket): entry
            for uri, entry in entries.items()
            if uri.startswith(f"{bucket}{self._prefix}")
        }
        self._rolled_back = {(gone.uri.removeprefix(bucket), gone.version): gone.landed for gone in index.rolled_back()}
        snapshot = index.get(index.writer.snapshot) if index.writer.snapshot else None
        self._snapshot = snapshot.landed if snapshot else 0.0
        self._complete: frozenset[str] | None = None

    def after(self, key: str) -> Iterator[LandedFile]:
        """Each file whose key comes after a key, in order: bounded work can end anywhere and go on there."""
        both = merge(
            ((found.key, found) for found in objects_below(self._listing, self._prefix, key)),
            ((name, None) for name in sorted(self._entries) if name > key),
            key=lambda pair: pair[0],
        )
        for name, pairs in groupby(both, key=lambda pair: pair[0]):
            listed = next((found for _, found in pairs if found), None)
            entry = self._entries.get(name)
            if listed is None or not listed.version:
                if entry:
                    yield self._deleted(entry, name, listed)
            elif not is_bystander(name):
                yield self._present(listed, entry)

    def _deleted(self, entry: Entry, key: str, listed: ListedObject | None) -> LandedFile:
        landed = LandedObject(
            self._listing.bucket, key, "", self._contract.name, told_at=listed.landed if listed else 0, removed=True
        )
        return LandedFile("young" if listed and self._is_young(listed) else "deleted", landed, entry)

    def _present(self, listed: ListedObject, entry: Entry | None) -> LandedFile:
        landed = LandedObject(
            self._listing.bucket, listed.key, listed.version, self._contract.name, told_at=listed.landed
        )
        if mend := mends(landed):
            entry = self._entries.get(mend.key)
            return LandedFile(self._kind_of_mend(listed, mend, entry), landed, entry)
        kind = self._kind(listed, landed, entry)
        waits = kind in ("absent", "another") and self._waits(listed.key)
        return LandedFile("waiting" if waits else kind, landed, entry)

    def _kind(self, listed: ListedObject, landed: LandedObject, entry: Entry | None) -> Kind:
        # Whether it was read with mended rows or without.
        if entry and entry.version == landed.version:
            return "on main"
        if self._was_rolled_back(listed, landed):
            return "rolled back"
        if self._is_young(listed):
            return "young"
        if entry:
            return "another"
        # S3 tells time in whole seconds, so the same second may be the newer one.
        if listed.landed + 1 <= self._snapshot:
            return "older"
        return "before" if listed.landed < self._began else "absent"

    def _waits(self, key: str) -> bool:
        """Whether a file is no delivery before its folder is complete, which it is not."""
        if self._contract.delivery_unit == "file":
            return False
        if self._complete is None:
            found = (listed.key for listed in objects_below(self._listing, self._prefix) if listed.version)
            self._complete = frozenset(key.removesuffix(SUCCESS) for key in found if key.endswith(f"/{SUCCESS}"))
        return self._complete.isdisjoint(above(key, self._contract.name))

    def _kind_of_mend(self, listed: ListedObject, mend: LandedObject, entry: Entry | None) -> Kind:
        if entry and entry.event_id == mend.event_id:
            return "on main"
        if self._was_rolled_back(listed, mend):
            return "rolled back"
        if self._is_young(listed):
            return "young"
        return "older" if entry and entry.version != mend.version else "absent"

    def _was_rolled_back(self, listed: ListedObject, landed: LandedObject) -> bool:
        """Also with its mended rows; where S3 keeps no versions, the same bytes may have been dropped again since."""
        gone_landed = self._rolled_back.get((landed.key, landed.version))
        return gone_landed is not None and (bool(landed.mended_by) or listed.landed < gone_landed + 1)

    def _is_young(self, listed: ListedObject) -> bool:
        return self._now - listed.landed < YOUNG_SECONDS
