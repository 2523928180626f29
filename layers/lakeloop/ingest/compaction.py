"""Many small packs become few large ones, without a change of rows.

Training and people read fewer objects then. A file that comes again meanwhile rewrites the same part of the index, so
lakeFS merges one of the two; the compaction that lost leaves nothing behind and is done again some other time.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import reading_digest
from lakeloop.errors import UnreadableObjectError
from lakeloop.ingest.ranges import Range, Ranges, slices
from lakeloop.ingest.shelf import Shelf
from lakeloop.lake.branches import own_branch
from lakeloop.lake.index import Counts, Index
from lakeloop.lake.layout import PACK, ROWS, name_of, place, place_of
from lakeloop.lake.ports import Lake, LakeCommit
from lakeloop.observability import logger
from lakeloop.side_by_side import THREADS

MEBIBYTE = 1024 * 1024
# The rows that are put together at most; a pack that has half of it is left alone.
MOST_BYTES = 256 * MEBIBYTE
# What is left of the time when no further group is begun.
SECONDS_TO_SPARE = 60


class Compaction:
    """Compacts one dataset. Each group of packs is a commit of its own, so that a lost race costs one group."""

    def __init__(
        self, *, lake: Lake, contract: DatasetContract, name_prefix: str, git_sha: str, threads: int = THREADS
    ) -> None:
        self._lake = lake
        self._contract = contract
        self._repository = names.repository(name_prefix, contract.name)
        self._git_sha = git_sha
        self._threads = threads

    def compact(self, seconds_left: Callable[[], float], most_bytes: int = MOST_BYTES) -> list[LakeCommit]:
        """Put small packs together while there is time; the commits on main.

        Raises MergeConflictError when another was quicker; what was merged before stays.
        """
        merged = []
        for places in self._groups(most_bytes):
            if seconds_left() < SECONDS_TO_SPARE:
                break
            if commit := self._put_together(places):
                merged.append(commit)
        return merged

    def _groups(self, most_bytes: int) -> list[list[str]]:
        """Which packs to put together, by size and name, so that whoever asks gets the same answer."""
        index = Index(self._lake, self._repository, names.MAIN, self._threads)
        reading = reading_digest(self._contract)
        readings: dict[str, set[str]] = defaultdict(set)
        for _, entry in index.entries():
            readings[entry.place].add(entry.reading)
        sizes: dict[str, int] = defaultdict(int)
        for found in self._lake.objects(self._repository, names.MAIN, f"{ROWS}/"):
            sizes[place_of(name_of(found))] += found.size_bytes
        # Rows that were read otherwise may have other columns: a replay brings them under this contract.
        small = [
            where
            for where, size in sizes.items()
            if where.startswith(f"{PACK}-") and size < most_bytes / 2 and readings[where] == {reading}
        ]
        return list(_grouped(sorted(small, key=lambda where: (sizes[where], where)), sizes, most_bytes))

    def _put_together(self, places: Sequence[str]) -> LakeCommit | None:
        """The merge; None where the packs were replaced before the branch was made."""
        correlation_id = names.digest("compaction", *places, length=32)
        with own_branch(self._lake, self._repository, correlation_id) as branch:
            with TemporaryDirectory() as folder:
                shelf = Shelf(self._lake, self._repository, branch, self._contract, Path(folder), self._threads)
                files = self._stage(shelf, places)
            if not files:
                return None
            metadata = {
                "dataset": self._contract.name,
                "correlation_id": correlation_id,
                "git_sha": self._git_sha,
                "rows_committed": "0",
                "packs": str(len(places)),
                "files": str(files),
            }
            message = f"Compact {len(places)} packs of {files} files"
            committed = self._lake.commit(self._repository, branch, message, metadata)
            merged = self._lake.merge(self._repository, branch, message, committed.metadata)
        logger.info("compacted", extra={"repository": self._repository, "commit": merged.id, **metadata})
        return merged

    def _stage(self, shelf: Shelf, places: Sequence[str]) -> int:
        """Write the one pack and take the others away; how many files are in it, none where less than two are left."""
        index = Index(self._lake, self._repository, shelf.branch, self._threads)
        files = {id_: entry for id_, entry in index.entries() if entry.place in places}
        places = sorted({entry.place for entry in files.values()})
        if len(places) < 2:
            return 0
        whole = self._whole(shelf, places, Counts.summed(entry.counts for entry in files.values()))
        now = place(PACK, sorted(entry.identity for entry in files.values()))
        for where in places:
            shelf.drop(where)
        shelf.put(now, whole)
        for id_, entry in files.items():
            index.put(id_, entry.moved(now))
        shelf.write(index)
        return len(files)

    def _whole(self, shelf: Shelf, places: Sequence[str], told: Counts) -> Range:
        """All rows of the packs, with their features. Raises UnreadableObjectError where the index tells of others."""
        ranges = Ranges(self._contract, shelf.new_folder(), range_bytes=math.inf)
        for where in places:
            for split, file in shelf.rows(where):
                for rows in slices(file):
                    ranges.add(rows, pl.repeat(split, rows.height, eager=True))
                file.unlink()
        [whole] = ranges.finish()
        if ranges.counts.rows != told.rows:
            raise UnreadableObjectError(
                f"{', '.join(places)} hold {ranges.counts.rows} rows by split where the index tells of {told.rows}: "
                "nothing is compacted. Drop the files of these packs again",
                subject=f"lakefs://{self._repository}/{names.MAIN}",
            )
        return whole


def _grouped(places: Sequence[str], sizes: Mapping[str, int], most_bytes: int) -> Iterator[list[str]]:
    """As many together as one pack holds; one alone stays as it is."""
    group: list[str] = []
    for where in places:
        if group and sum(sizes[other] for other in [*group, where]) > most_bytes:
            if len(group) > 1:
                yield group
            group = []
        group.append(where)
    if len(group) > 1:
        yield group
