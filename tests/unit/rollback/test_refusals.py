"""What cannot be taken back is refused with the reason."""

import pytest

from lakeloop.errors import MergeConflictError, PermanentError
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
