"""Landed files that would be read otherwise now, or never were: sent through the gate again, as S3 would tell."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import reading_digest
from lakeloop.ingest.landed_files import LandedFile
from lakeloop.ingest.mend_keys import mends
from lakeloop.ingest.notification import LandedObject

Why = Literal[
    "read by an earlier contract", "not on main", "another version on main", "rolled back", "asked for by name"
]


@dataclass(frozen=True)
class Replayed:
    """A file that is to be read again, and why."""

    landed: LandedObject
    why: Why


@dataclass(frozen=True)
class Filter:
    """Which files may be replayed: landed at `since` (seconds since 1970) or later, those named by key, by event id.

    Mended rows go by the key of their file: who names that means it with them.
    """

    since: float = 0
    keys: frozenset[str] = frozenset()
    events: frozenset[str] | None = None

    def takes(self, file: LandedFile) -> bool:
        return (
            file.landed.told_at >= self.since
            and (not self.keys or read_as(file.landed).key in self.keys)
            and (self.events is None or read_as(file.landed).event_id in self.events)
        )


def replayed(contract: DatasetContract, files: Iterable[LandedFile], wanted: Filter) -> Iterator[Replayed]:
    """Those of the files that the gate may say something new about.

    What is on main as the contract reads it now comes out the same, so it is left out unless it is named. What a newer
    snapshot replaced, what is deleted and what is on its way is no part of a replay.
    """
    reading = reading_digest(contract)
    for file in files:
        if wanted.takes(file) and (why := _why(file, reading, named=bool(wanted.keys))):
            yield Replayed(_as_it_came(file), why)


def read_as(landed: LandedObject) -> LandedObject:
    """The file that an object of mended rows is read as; any other object is read as itself."""
    return mends(landed) or landed


def _why(file: LandedFile, reading: str, *, named: bool) -> Why | None:
    match file.kind:
        case "absent" | "before":
            return "not on main"
        case "another":
            return "another version on main"
        case "rolled back":
            # Somebody did not want it, so only who names it does.
            return "rolled back" if named else None
        case "on main" if file.entry and file.entry.event_id == read_as(file.landed).event_id:
            if file.entry.reading != reading:
                return "read by an earlier contract"
            return "asked for by name" if named else None
        # A file that was read with mended rows is replayed with them, by the object that they are.
        case _:
            return None


def _as_it_came(file: LandedFile) -> LandedObject:
    """With the time and order that main knows: a file is no newer because it is read again."""
    if file.kind == "on main" and file.entry:
        return replace(file.landed, told_at=file.entry.landed, sequencer=file.entry.sequencer)
    return file.landed
