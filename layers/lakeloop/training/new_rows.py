"""How many rows came to main since a commit, whoever brought them.

The loop's own commits say it. Those that people make, merge or revert by hand do not, so with one of them the rows are
counted from the index, and from the objects that it does not tell of: what is on main now against what was then.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from lakeloop.lake.index import Index
from lakeloop.lake.layout import SPLITS, is_ours, is_read, name_of, rows_folder
from lakeloop.lake.ports import Lake, LakeCommit, LakeObject
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


def new_rows(newer: Sequence[LakeCommit], base: str, count: Count, *, always: bool = False) -> int:
    """The rows that `newer` commits brought to what lay at `base`; `always` counts also what the commits tell."""
    told = sum(commit.rows or 0 for commit in newer)
    return count(base, told) if by_others(newer) or (always and told) else told


def counting(
    lake: Lake, footers: Footers, repository: str, head: str, enough: float, *, with_labels: bool = False
) -> Count:
    """What the index tells of, and on from there from the largest object of a person until the rows are `enough`.

    `with_labels` leaves out the rows that have no label: nothing is learned from them.
    """

    def count(base: str, told: int) -> int:
        now, then = Index(lake, repository, head), Index(lake, repository, base) if base else None
        rows = _labelled(now, then) if with_labels else _indexed(now, then, told)
        known = {entry.physical_address for entry in _by_people(lake, repository, base)} if base else set()
        added = [entry for entry in _by_people(lake, repository, head) if entry.physical_address not in known]
        added.sort(key=lambda entry: -entry.size_bytes)
        for entry in added[:MOST_OBJECTS]:
            if rows >= enough:
                return rows
            rows += footers.rows(entry)
        return rows if len(added) <= MOST_OBJECTS else max(rows, told)

    return count


def _indexed(now: Index, then: Index | None, told: int) -> int:
    """The rows of files that were not there then; under upsert, where files share their rows, those that were told."""
    if now.writer.places:
        return told if then else now.counts().total
    known = {entry.identity for _, entry in then.entries()} if then else set()
    return sum(entry.counts.total for _, entry in now.entries() if entry.identity not in known)


def _labelled(now: Index, then: Index | None) -> int:
    """The rows with labels that came; under upsert, where a label may come after its row, by how many they grew."""
    if now.writer.places:
        before = then.counts().labelled.values() if then else ()
        return max(0, sum(now.counts().labelled.values()) - sum(before))
    known = {entry.identity for _, entry in then.entries()} if then else set()
    return sum(sum(entry.counts.labelled.values()) for _, entry in now.entries() if entry.identity not in known)


def _by_people(lake: Lake, repository: str, ref: str) -> Iterator[LakeObject]:
    """The rows that the loop did not write."""
    for split in SPLITS:
        found = lake.objects(repository, ref, rows_folder(split))
        yield from (entry for entry in found if is_read(name_of(entry)) and not is_ours(name_of(entry)))
