"""What cannot be taken back is refused with the reason."""

from dataclasses import replace
from pathlib import Path

import pytest

from lakeloop.errors import MergeConflictError, PermanentError, UnreadableObjectError
from lakeloop.ingest.shelf import Shelf
from lakeloop.lake.index import Counts, Index
from lakeloop.names import source_id
from lakeloop.rollback.restoring import put_back
from lakeloop.rollback.target import NothingToRollBackError
from tests.unit.rollback.rolling import BY, compact, drop, roll_back, rollback, uri, values, world_of


def test_an_unknown_name_says_what_to_name() -> None:
    world = world_of("append")
    drop(world, "a.csv", 1, [(1, 1)])

    with pytest.raises(NothingToRollBackError, match="name a commit of its main, or a file below s3://landing"):
        roll_back(world, "b.csv")


def test_a_compaction_has_nothing_to_take_back() -> None:
    world = world_of("append")
    drop(world, "a.csv", 1, [(1, 1)])
    drop(world, "b.csv", 1, [(2, 1)])
    compact(world)

    with pytest.raises(NothingToRollBackError, match="brought no rows"):
        roll_back(world, world.lake.head(""))


def test_the_first_commit_has_nothing_before_it() -> None:
    with pytest.raises(NothingToRollBackError, match="first commit"):
        roll_back(world_of("append"), "c0")


def test_a_persons_commit_is_reverted_once_and_only_while_nobody_wrote_the_same() -> None:
    world = world_of("append")
    world.lake.commit_by_hand({"notes.txt": b"one"})
    commit = world.lake.head("")

    assert roll_back(world, commit).reverted
    assert "notes.txt" not in world.main
    with pytest.raises(NothingToRollBackError, match="rolled it back already"):
        roll_back(world, commit)

    world.lake.commit_by_hand({"notes.txt": b"two"})
    second = world.lake.head("")
    world.lake.commit_by_hand({"notes.txt": b"three"})
    with pytest.raises(PermanentError, match="later commits wrote the same objects"):
        roll_back(world, second)


def test_main_that_moved_under_it_is_no_longer_what_was_shown() -> None:
    world = world_of("append")
    drop(world, "a.csv", 1, [(1, 1)])
    targets = rollback(world).targets("landing")
    target = targets.find("a.csv")
    drop(world, "a.csv", 2, [(1, 2)])

    with pytest.raises(MergeConflictError), rollback(world).staged(target, (), BY):
        pass
    assert values(world) == {"k1": 2}


def test_a_file_that_left_main_by_itself_is_said_to_be_gone() -> None:
    world = world_of("snapshot")
    drop(world, "a.csv", 1, [(1, 1)])
    first = world.lake.head("")
    drop(world, "b.csv", 2, [(1, 2)])

    for named in ("a.csv", first):
        target = rollback(world).targets("landing").find(named)
        assert (target.files, target.gone, target.since.id) == ((), (uri("a.csv"),), first)


def test_of_a_file_that_came_twice_and_left_the_last_coming_is_named_as_gone() -> None:
    world = world_of("snapshot")
    drop(world, "a.csv", 1, [(1, 1)])
    drop(world, "a.csv", 2, [(1, 2)])
    second = world.lake.head("")
    drop(world, "b.csv", 3, [(1, 3)])

    target = rollback(world).targets("landing").find("a.csv")

    assert (target.files, target.gone, target.since.id) == ((), (uri("a.csv"),), second)


def test_what_came_since_a_commit_ends_with_the_commit_itself() -> None:
    world = world_of("append")
    for landed, name in enumerate("abc", start=1):
        drop(world, f"{name}.csv", landed, [(landed, 1)])
    targets = rollback(world).targets("landing")
    target = targets.find("b.csv")

    since = targets.since(target.since)

    assert [commit.id for commit in since] == [world.lake.head(""), target.since.id]


@pytest.mark.parametrize("missing", [1, -1])
def test_a_file_whose_rows_are_not_all_there_is_not_put_back(missing: int, tmp_path: Path) -> None:
    world = world_of("append")
    drop(world, "a.csv", 1, [(1, 1), (2, 1)])
    entry = Index(world.lake, "", "main").get(source_id(uri("a.csv")))
    assert entry
    counts = Counts(rows={**entry.counts.rows, "train": entry.counts.rows.get("train", 0) + missing})
    then = Shelf(world.lake, "", "main", world.contract, tmp_path, threads=1)
    world.lake.ensure_branch("", "mending", at=world.lake.head(""), hidden=True)

    with pytest.raises(UnreadableObjectError, match="nothing is rolled back"):
        put_back(replace(then, branch="mending"), then, replace(entry, counts=counts))
