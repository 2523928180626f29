"""How many rows came to main since a commit, whoever brought them.

The loop's own commits say it. Those that people make, merge or revert by hand do not, so with one of them the rows are
counted from the objects: what lies on main now against what lay there then.
"""

from collections.abc import Callable, Iterable, Sequence

from lakeloop.lake.layout import SPLITS, rows_path
from lakeloop.lake.ports import Lake, LakeCommit
from lakeloop.training.ports import Footers

# Largest first; each costs a read of some 30 ms, and a function a minute at most.
MOST_OBJECTS = 300

Count = Callable[[str, int], int]
"""From a commit (empty for the beginning) and what commits say: the rows on main that were not there."""


def since(log: Iterable[LakeCommit], commit: str) -> tuple[list[LakeCommit], str]:
    """What a log, newest first, holds before a commit; and that commit, or nothing where the log ends without it."""
    newer: list[LakeCommit] = []
    for found in log:
        if found.id == commit:
            return newer, commit
        newer.append(found)
    return newer, ""


def by_others(commits: Iterable[LakeCommit]) -> int:
    """How many of the commits no ingest made; the first of a repository, which brings nothing, is not one."""
    return sum(commit.rows is None and bool(commit.parents) for commit in commits)


def new_rows(newer: Sequence[LakeCommit], base: str, count: Count) -> int:
    """The rows that `newer` commits brought to what lay at `base`."""
    told = sum(commit.rows or 0 for commit in newer)
    return count(base, told) if by_others(newer) else told


def counting(lake: Lake, footers: Footers, repository: str, head: str, enough: float) -> Count:
    """Count on from the largest object until the rows are `enough`, so that few are read as a rule."""

    def count(base: str, told: int) -> int:
        then = {
            entry.physical_address
            for split in (SPLITS if base else ())
            for entry in lake.objects(repository, base, rows_path(split))
        }
        on_main = (entry for split in SPLITS for entry in lake.objects(repository, head, rows_path(split)))
        added = [entry for entry in on_main if entry.physical_address not in then]
        added.sort(key=lambda entry: -entry.size_bytes)
        rows = 0
        for entry in added[:MOST_OBJECTS]:
            rows += footers.rows(entry)
            if rows >= enough:
                return rows
        return rows if len(added) <= MOST_OBJECTS else max(rows, told)

    return count
