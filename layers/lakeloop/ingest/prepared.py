"""A landed file that has been judged, and what a commit says about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lakeloop.ingest.notification import LandedObject
from lakeloop.ingest.ports import Landing
from lakeloop.ingest.splits import SPLITS


@dataclass(frozen=True)
class Source:
    """What a commit says about one of the files in it."""

    event_id: str
    uri: str
    version: str
    sha256: str
    rows_in: int
    rows_committed: int
    rows_quarantined: int
    quarantine_uri: str


@dataclass(frozen=True)
class Prepared:
    """A file that has been judged and is ready for its commit; `splits` are local files, gone once they are staged."""

    landed: LandedObject
    source: Source
    splits: Mapping[str, Path]

    @property
    def paths(self) -> dict[str, str]:
        return paths_of(self.landed)

    @property
    def size_bytes(self) -> int:
        return sum(path.stat().st_size for path in self.splits.values())


def paths_of(landed: LandedObject) -> dict[str, str]:
    """Where the rows of an object lie in the lake, by split."""
    return {split: f"{split}/{landed.source_id}.parquet" for split in SPLITS}


def listed(files: Iterable[Prepared]) -> str:
    return ", ".join(str(file.landed) for file in files)


def is_current(landing: Landing, landed: LandedObject) -> bool:
    """Whether a reader of the key gets this version. A newer one has an event of its own."""
    current = landing.current(landed.key)
    return current is not None and current.version == landed.version
