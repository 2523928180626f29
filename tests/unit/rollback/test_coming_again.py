"""S3 still has what was rolled back: nobody brings it back unasked, and whoever asks gets it."""

import pytest

from lakeloop.ingest.replay import Filter, replayed
from lakeloop.lake.index import Index
from tests.fakes import message, notification
from tests.unit.rollback.rolling import (
    DELIVERIES,
    compact,
    drop,
    landed_files,
    replay,
    roll_back,
    uri,
    values,
    world_of,
)
from tests.world import World


def rolled_back(delivery: str = "append") -> World:
    world = world_of(delivery)
    drop(world, "a.csv", 1, [(1, 1)])
    drop(world, "bad.csv", 2, [(2, 2)])
    roll_back(world, "bad.csv")
    return world


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_dropped_again_it_is_taken_in_again(delivery: str) -> None:
    world = rolled_back(delivery)

    drop(world, "bad.csv", 5, [(2, 2)])

    assert "k2" in values(world)
    assert not list(Index(world.lake, "", "main").rolled_back())


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_replayed_it_is_taken_in_again(delivery: str) -> None:
    world = rolled_back(delivery)

    replay(world, uri("bad.csv"))

    assert "k2" in values(world)


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_an_event_that_s3_sends_twice_does_not_bring_it_back(delivery: str) -> None:
    world = rolled_back(delivery)
    head = world.lake.head("")

    world.service.handle([message(notification("incoming/tiny/bad.csv", "v1"))])

    assert world.lake.head("") == head


def test_reconciling_and_a_replay_of_all_leave_it_where_it_is() -> None:
    world = rolled_back()
    drop(world, "c.csv", 3, [(4, 4)])
    compact(world)

    files = landed_files(world)

    assert {file.landed.key: file.kind for file in files}["incoming/tiny/bad.csv"] == "rolled back"
    assert [found.landed.key for found in replayed(world.contract, files, Filter())] == []
    [named] = replayed(world.contract, files, Filter(keys=frozenset({"incoming/tiny/bad.csv"})))
    assert named.why == "rolled back"


def test_the_same_bytes_that_were_dropped_twice_stay_away_too() -> None:
    """Main has the first version, as the second changed nothing; S3 has the second."""
    world = world_of("append")
    drop(world, "bad.csv", 1, [(1, 1)])
    drop(world, "bad.csv", 2, [(1, 1)])

    roll_back(world, "bad.csv")

    [file] = landed_files(world)
    assert (file.kind, file.landed.version) == ("rolled back", "v2")


def test_rolled_back_again_after_it_came_again() -> None:
    world = rolled_back("upsert")
    replay(world, uri("bad.csv"))

    roll_back(world, "bad.csv")

    assert values(world) == {"k1": 1}
