"""Which ingest branches are orphans."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from lakeloop.lake.ports import LakeBranch, LakeCommit
from lakeloop.lake.sweep import sweep

NOW = 1_000_000
AGE = 100
OLD, YOUNG = NOW - AGE - 1, NOW - AGE


@dataclass
class Lake:
    """Main's own line, newest first, and branches with the time of their newest uncommitted object."""

    line: list[LakeCommit]
    commits: dict[str, LakeCommit] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)

    def branches(self, repository: str, prefix: str) -> Iterator[LakeBranch]:
        return (LakeBranch(name, head) for name, head in list(self.heads.items()) if name.startswith(prefix))

    def commit_at(self, repository: str, ref: str) -> LakeCommit:
        return {**self.commits, **{commit.id: commit for commit in self.line}}[ref]

    def log(self, repository: str, ref: str) -> Iterator[LakeCommit]:
        for commit in self.line:
            self.read.append(commit.id)
            yield commit

    def last_written(self, repository: str, branch: str) -> int | None:
        return self.written.get(branch)

    def delete_branch(self, repository: str, branch: str) -> None:
        del self.heads[branch]


def main(*created: int) -> list[LakeCommit]:
    """Commits m1, m2, ... of main made at these times, newest first."""
    return [LakeCommit(f"m{n}", {}, (), at) for n, at in reversed(list(enumerate(created, 1)))]


def swept(lake: Lake) -> list[str]:
    return sweep(lake, "r", now=NOW, orphan_seconds=AGE)


@pytest.mark.parametrize(("at", "goes"), [(2, True), (OLD, True), (YOUNG, False)])
def test_a_branch_with_a_commit_of_its_own_goes_by_its_age(at: int, goes: bool) -> None:
    lake = Lake(main(1), {"own": LakeCommit("own", {}, ("m1",), at)}, {"ingest-1": "own"})

    assert swept(lake) == (["ingest-1"] if goes else [])
    assert ("ingest-1" not in lake.heads) is goes


@pytest.mark.parametrize(("at", "goes"), [(OLD, True), (YOUNG, False)])
def test_a_branch_with_uncommitted_objects_goes_by_the_newest_of_them(at: int, goes: bool) -> None:
    lake = Lake(main(1, 2), {}, {"ingest-1": "m1"}, {"ingest-1": at})

    assert swept(lake) == (["ingest-1"] if goes else [])


def test_a_branch_that_was_written_to_after_its_commit_is_in_use() -> None:
    lake = Lake(main(1), {"own": LakeCommit("own", {}, ("m1",), OLD)}, {"ingest-1": "own"}, {"ingest-1": YOUNG})

    assert swept(lake) == []


@pytest.mark.parametrize(("followed", "goes"), [(OLD, True), (YOUNG, False)])
def test_an_empty_branch_goes_by_when_main_moved_on_from_where_it_began(followed: int, goes: bool) -> None:
    lake = Lake(main(1, 2, followed, NOW), {}, {"ingest-1": "m2"})

    assert swept(lake) == (["ingest-1"] if goes else [])


def test_an_empty_branch_at_mains_head_may_be_new_however_old_that_head_is() -> None:
    lake = Lake(main(1, 2), {}, {"ingest-1": "m2"})

    assert swept(lake) == []


def test_other_branches_are_none_of_our_business() -> None:
    lake = Lake(main(1), {"own": LakeCommit("own", {}, ("m1",), 1)}, {"by-hand": "own"})

    assert swept(lake) == []


def test_of_main_only_what_is_needed_is_read() -> None:
    lake = Lake(main(*range(1, 100)), {}, {"ingest-1": "m98"})

    swept(lake)

    assert lake.read == ["m99", "m98", "m97"]


def test_a_branch_is_left_for_a_day() -> None:
    """A delivery that was killed is repeated for hours."""
    day = 24 * 3600
    lake = Lake(main(1), {}, {"ingest-1": "m1", "ingest-2": "m1"}, {"ingest-1": NOW - day, "ingest-2": NOW - day - 1})

    assert sweep(lake, "r", now=NOW) == ["ingest-2"]


def test_a_commit_tells_its_rows_only_where_an_ingest_made_it() -> None:
    assert LakeCommit("c", {"rows_committed": "12"}).rows == 12
    assert LakeCommit("c", {"rows_committed": "0"}).rows == 0
    assert LakeCommit("c", {"message": "by hand"}).rows is None
