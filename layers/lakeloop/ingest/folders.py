"""Folders as one delivery: their files wait until a _SUCCESS lies beside them, and then come to main together."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import reading_digest
from lakeloop.errors import TooLargeError
from lakeloop.ingest.mend_keys import FOLDER as MENDED
from lakeloop.ingest.notification import PREFIX, SUCCESS, LandedObject, is_bystander
from lakeloop.ingest.ports import Landing, ListedObject, Listing, objects_below
from lakeloop.lake.index import Index
from lakeloop.lake.ports import Lake
from lakeloop.observability import logger

# A commit tells of each file in half a kilobyte.
MOST_FILES = 500
MEBIBYTE = 1024 * 1024


def above(key: str, dataset: str) -> Iterator[str]:
    """The folders of a dataset that a key lies in, the nearest first, each with a slash at its end."""
    folder = key.rpartition("/")[0]
    while f"{folder}/".startswith(f"{PREFIX}{dataset}/"):
        yield f"{folder}/"
        folder = folder.rpartition("/")[0]


class Folders:
    """The folders that the messages of one delivery tell of: each is looked at once."""

    def __init__(self, *, landing: Landing, listing: Listing, lake: Lake, name_prefix: str, max_bytes: int) -> None:
        self._landing = landing
        self._listing = listing
        self._lake = lake
        self._name_prefix = name_prefix
        self._max_bytes = max_bytes
        self._seen: set[str] = set()

    def brought(self, contract: DatasetContract, told: LandedObject) -> Sequence[LandedObject]:
        """The files that come to main with one that S3 told of: none while no folder that it lies in is complete.

        Files that main has as the contract reads them are left out, and what was rolled back. Raises TooLargeError.
        """
        folder = next((folder for folder in above(told.key, contract.name) if self._is_complete(folder)), None)
        if folder is None:
            logger.info("waits for its folder", extra={"object": str(told)})
            return []
        if folder in self._seen:
            return []
        self._seen.add(folder)
        files = list(self._files(folder))
        size = sum(found.size_bytes for found in files)
        if size > self._max_bytes or len(files) > MOST_FILES:
            raise TooLargeError(
                f"{folder} has {len(files):,} files of {size / MEBIBYTE:,.0f} MiB, more than the {MOST_FILES:,} of "
                f"{self._max_bytes / MEBIBYTE:,.0f} that one delivery can hold: drop it as several folders"
            )
        repository = names.repository(self._name_prefix, contract.name)
        index = Index(self._lake, repository, names.MAIN)
        reading = reading_digest(contract)
        landed = (replace(told, key=found.key, version=found.version, sequencer="", told_at=0.0) for found in files)
        return [
            one
            for one in landed
            if not _is_on(index, one, reading) and (one.key == told.key or not _is_gone(index, one))
        ]

    def _is_complete(self, folder: str) -> bool:
        return folder in self._seen or self._landing.current(f"{folder}{SUCCESS}") is not None

    def _files(self, folder: str) -> Iterator[ListedObject]:
        for found in objects_below(self._listing, folder):
            if found.version and not is_bystander(found.key) and f"/{MENDED}/" not in found.key:
                yield found


def _is_on(index: Index, landed: LandedObject, reading: str) -> bool:
    entry = index.get(landed.source_id)
    return entry is not None and (entry.version, entry.reading) == (landed.version, reading)


def _is_gone(index: Index, landed: LandedObject) -> bool:
    """Whether somebody rolled the version back: nothing but an event of its own brings it again."""
    return any(gone.version == landed.version for gone in index.rolled_back_of(landed.source_id))
