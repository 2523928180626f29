"""From messages to commits: exactly once, whatever the queue does."""

import json

import pytest

from lakeloop.errors import PermanentError, UnknownDatasetError, UnknownPrefixError, UnreadableObjectError
from tests.data import tiny_csv
from tests.fakes import CrashError, message, notification
from tests.world import ROWS, World


@pytest.fixture
def world() -> World:
    return World()


def test_a_file_becomes_one_commit_that_accounts_for_every_row(world: World) -> None:
    dropped = world.drop("a.csv", tiny_csv(*ROWS, "bad,maybe,1,,,"))

    assert world.service.handle([dropped]) == {}

    [_, commit] = world.lake.commits
    assert commit.metadata["rows_in"] == "21"
    assert commit.metadata["rows_committed"] == "20"
    assert commit.metadata["rows_quarantined"] == "1"
    [source] = json.loads(commit.metadata["sources"])
    assert source["uri"] == "s3://landing/incoming/tiny/a.csv"
    assert source["quarantine_uri"] == world.artifacts.uri(next(iter(world.artifacts.objects)))
    assert [published.commit for published in world.publisher.published] == [commit.id]
    assert list(world.lake.branch_commits) == ["main"]


def test_files_delivered_together_share_a_commit(world: World) -> None:
    first = world.drop("a.csv", tiny_csv(*ROWS[:10]), "m1")
    second = world.drop("b.csv", tiny_csv(*ROWS[10:]), "m2")

    assert world.service.handle([first, second]) == {}

    assert len(world.lake.commits) == 2
    assert len(json.loads(world.lake.commits[1].metadata["sources"])) == 2


def test_second_delivery_of_the_same_object_changes_nothing(world: World) -> None:
    dropped = world.drop("a.csv", tiny_csv(*ROWS))
    world.service.handle([dropped])

    assert world.service.handle([dropped]) == {}

    assert len(world.lake.commits) == 2
    assert {published.commit for published in world.publisher.published} == {world.lake.commits[1].id}


def test_an_object_told_of_twice_in_one_delivery_is_counted_once(world: World) -> None:
    dropped = world.drop("a.csv", tiny_csv(*ROWS), "m1")
    again = message(dropped.body, "m2")

    assert world.service.handle([dropped, again]) == {}

    [_, commit] = world.lake.commits
    assert commit.metadata["rows_committed"] == "20"
    assert len(json.loads(commit.metadata["sources"])) == 1


def test_the_same_file_dropped_twice_is_one_commit(world: World) -> None:
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS))])

    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS))])

    assert len(world.lake.commits) == 2


def test_a_redelivered_file_is_not_counted_again_in_the_commit_of_another(world: World) -> None:
    first = world.drop("a.csv", tiny_csv(*ROWS[:10]), "m1")
    world.service.handle([first])

    world.service.handle([first, world.drop("b.csv", tiny_csv(*ROWS[10:]), "m2")])

    assert world.lake.commits[2].metadata["rows_committed"] == "10"


def test_a_corrected_file_replaces_its_rows(world: World) -> None:
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS))])
    paths = set(world.main)

    world.service.handle([world.drop("a.csv", tiny_csv("k0,no,1,,,"))])

    assert set(world.main) < paths
    assert len(world.main) == 1


def test_an_older_version_that_comes_late_is_left_alone(world: World) -> None:
    old = world.drop("a.csv", tiny_csv(*ROWS[:10]))
    new = world.drop("a.csv", tiny_csv(*ROWS), "m2")
    world.service.handle([new])
    after_new = world.main

    assert world.service.handle([old]) == {}

    assert world.main == after_new


def test_a_file_over_its_limit_reaches_quarantine_whole_and_main_not_at_all(world: World) -> None:
    assert world.service.handle([world.drop("a.csv", tiny_csv("k1,maybe,1,,,", "k2,no,1,,,", "k3,,1,,,"))]) == {}

    assert len(world.lake.commits) == 1
    assert len(world.artifacts.objects) == 1
    assert world.publisher.published == []


def test_a_poisonous_message_fails_alone_and_says_which_object(world: World) -> None:
    good = world.drop("a.csv", tiny_csv(*ROWS), "good")
    table = world.drop("b.xlsx", b"PK", "format")
    broken = world.drop("c.csv", b"\xff\xfe", "broken")
    elsewhere = message(notification("somewhere/a.csv"), "prefix")
    unknown = message(notification("incoming/nothing/a.csv"), "dataset")

    failures = world.service.handle([table, good, broken, elsewhere, unknown])

    assert {id_: type(error) for id_, error in failures.items()} == {
        "format": UnreadableObjectError,
        "broken": UnreadableObjectError,
        "prefix": UnknownPrefixError,
        "dataset": UnknownDatasetError,
    }
    assert all(isinstance(error, PermanentError) for error in failures.values())
    assert failures["broken"].subject == "s3://landing/incoming/tiny/c.csv?versionId=v1"
    assert len(world.lake.commits) == 2


def test_a_crash_at_any_step_and_redelivery_ends_as_without_the_crash() -> None:
    body = tiny_csv(*ROWS, "bad,maybe,1,,,")
    unharmed = World()
    unharmed.service.handle([unharmed.drop("a.csv", body)])
    assert unharmed.crash.calls > 5

    for step in range(1, unharmed.crash.calls + 1):
        world = World()
        dropped = world.drop("a.csv", body)
        world.crash.at = step
        with pytest.raises(CrashError):
            world.service.handle([dropped])
        assert world.service.handle([dropped]) == {}

        assert world.main == unharmed.main, f"step {step}"
        assert [c.metadata for c in world.lake.commits] == [c.metadata for c in unharmed.lake.commits], f"step {step}"
        assert world.artifacts.objects == unharmed.artifacts.objects
        assert world.publisher.published[-1] == unharmed.publisher.published[-1]
        assert list(world.lake.branch_commits) == ["main"]
