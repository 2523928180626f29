"""Many small packs become few large ones, without a change of rows.

Training and people read fewer objects then. The work on rows is done once, from one commit; what is merged is only the
moving. Whoever touches another file of the same part of the index meanwhile is no hindrance then: the moving begins
again. A file of the packs that came again, or is gone, wins: its packs are left for the next time.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import reading_digest
from lakeloop.errors import UnreadableObjectError
from lakeloop.ingest.ranges import Range, Ranges, slices
from lakeloop.ingest.shelf import Shelf
from lakeloop.lake.borders import in_force, laid
from lakeloop.lake.branches import in_tries
from lakeloop.lake.index import Counts, Entry, Index
from lakeloop.lake.layout import PACK, ROWS, place, sizes_of
from lakeloop.lake.ports import Lake, LakeCommit
from lakeloop.observability import logger
from lakeloop.scratch import scratch
from lakeloop.side_by_side import THREADS

MEBIBYTE = 1024 * 1024
# The rows that are put together at most; a pack that has half of it is left alone.
MOST_BYTES = 256 * MEBIBYTE
# What is left of the time when no further group is begun: a group of the largest size takes a minute.
SECONDS_TO_SPARE = 180


@dataclass(frozen=True)
class Group:
    """Packs that become one, with the entries of the files in them, by file."""

    places: Sequence[str]
    files: Mapping[str, Entry]


@dataclass(frozen=True)
class Plan:
    """What may be put together at one commit, group by group; `packs` are all that there are."""

    commit: str
    packs: int
    groups: Sequence[Group]

    @property
    def small(self) -> int:
        """The packs in the groups."""
        return sum(len(group.places) for group in self.groups)


@dataclass(frozen=True)
class Compacted:
    """What became of a plan: the merges, how many packs are in them, groups that others were quicker than, and those
    for which there was no time."""

    merges: tuple[LakeCommit, ...] = ()
    packs: int = 0
    lost: int = 0
    left: int = 0


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

    def plan(self, most_bytes: int = MOST_BYTES) -> Plan:
        """Which packs to put together, by size and name, so that whoever asks gets the same answer."""
        commit = self._lake.head(self._repository)
        files: dict[str, dict[str, Entry]] = defaultdict(dict)
        index = Index(self._lake, self._repository, commit, self._threads)
        for id_, entry in index.entries():
            files[entry.place][id_] = entry
        sizes = sizes_of(self._lake.objects(self._repository, commit, f"{ROWS}/"))
        packs = [where for where in sizes if where.startswith(f"{PACK}-")]
        # Rows that were read otherwise may have other columns: a replay brings them under this contract.
        # Rows that lie by earlier borders are moved first.
        alike = {(reading_digest(self._contract), laid(in_force(self._contract, index)))}
        small = [
            where
            for where in packs
            if sizes[where] < most_bytes / 2
            and {(entry.reading, entry.borders) for entry in files[where].values()} == alike
        ]
        grouped = _grouped(sorted(small, key=lambda where: (sizes[where], where)), sizes, most_bytes)
        groups = [
            Group(places, {id_: entry for where in places for id_, entry in files[where].items()}) for places in grouped
        ]
        return Plan(commit, len(packs), groups)

    def carry_out(self, plan: Plan, seconds_left: Callable[[], float]) -> Compacted:
        """Put the groups together while there is time."""
        merges: tuple[LakeCommit, ...] = ()
        packs = 0
        for done, group in enumerate(plan.groups):
            if seconds_left() < SECONDS_TO_SPARE:
                return Compacted(merges, packs, lost=done - len(merges), left=len(plan.groups) - done)
            if commit := self._put_together(plan.commit, group):
                merges = (*merges, commit)
                packs += len(group.places)
        return Compacted(merges, packs, lost=len(plan.groups) - len(merges))

    def _put_together(self, commit: str, group: Group) -> LakeCommit | None:
        """The merge; None where files of the group were replaced meanwhile, or others were quicker each time."""
        correlation_id = names.digest("compaction", *group.places, length=32)
        with scratch() as folder:
            whole = self._whole(self._shelf(commit, Path(folder)), group)

            def merge(branch: str) -> LakeCommit | None:
                return self._moved(self._shelf(branch, Path(folder)), group, whole, correlation_id)

            return in_tries(self._lake, self._repository, correlation_id, merge)

    def _whole(self, shelf: Shelf, group: Group) -> Range:
        """All rows of the packs, with their features. Raises UnreadableObjectError where the index tells of others."""
        ranges = Ranges(self._contract, shelf.new_folder(), range_bytes=math.inf)
        for where in group.places:
            for split, file in shelf.rows(where):
                for rows in slices(file):
                    ranges.add(rows, pl.repeat(split, rows.height, eager=True))
                file.unlink()
        [whole] = ranges.finish()
        told = Counts.summed(entry.counts for entry in group.files.values())
        if ranges.counts.rows != told.rows:
            raise UnreadableObjectError(
                f"{', '.join(group.places)} hold {ranges.counts.rows} rows by split where the index tells of "
                f"{told.rows}: nothing is compacted. Drop the files of these packs again",
                subject=f"lakefs://{self._repository}/{shelf.branch}",
            )
        return whole

    def _moved(self, shelf: Shelf, group: Group, whole: Range, correlation_id: str) -> LakeCommit | None:
        """The one pack on main, and the others away, unless a file of theirs is another by now."""
        index = Index(self._lake, self._repository, shelf.branch, self._threads)
        index.look_up(group.files)
        if any(index.get(id_) != entry for id_, entry in group.files.items()):
            logger.info("replaced meanwhile", extra={"repository": self._repository, "packs": len(group.places)})
            return None
        now = place(PACK, sorted(entry.content for entry in group.files.values()))
        for where in group.places:
            shelf.drop(where)
        shelf.put(now, whole)
        for id_, entry in group.files.items():
            index.put(id_, entry.moved(now))
        shelf.write(index)
        metadata = {
            "dataset": self._contract.name,
            "correlation_id": correlation_id,
            "git_sha": self._git_sha,
            "rows_committed": "0",
            "packs": str(len(group.places)),
            "files": str(len(group.files)),
        }
        message = f"Compact {len(group.places)} packs of {len(group.files)} files"
        committed = self._lake.commit(self._repository, shelf.branch, message, metadata)
        merged = self._lake.merge(self._repository, shelf.branch, message, committed.metadata)
        logger.info("compacted", extra={"repository": self._repository, "commit": merged.id, **metadata})
        return merged

    def _shelf(self, ref: str, folder: Path) -> Shelf:
        return Shelf(self._lake, self._repository, ref, self._contract, folder, self._threads)


def _grouped(places: Sequence[str], sizes: Mapping[str, int], most_bytes: int) -> Iterator[list[str]]:
    """As many together as one pack holds; one alone stays as it is."""
    group: list[str] = []
    size = 0
    for where in places:
        if group and size + sizes[where] > most_bytes:
            if len(group) > 1:
                yield group
            group, size = [], 0
        group.append(where)
        size += sizes[where]
    if len(group) > 1:
        yield group
