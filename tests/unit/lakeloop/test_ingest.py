"""From messages to commits: exactly once, whatever the queue does."""

import json
import tempfile
from pathlib import Path

import pytest

from lakeloop.attempts import Attempts
from lakeloop.errors import (
    PostponedError,
)
from lakeloop.ingest import service
from lakeloop.ingest.ports import LandedVersion
from tests.cases import OPS
from tests.data import tiny_csv
from tests.fakes import CrashError, MemoryMarks, message, turns
from tests.lake_content import rows_on_main
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


def test_a_process_that_dies_in_a_commit_leaves_a_mark_on_the_messages_that_came_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise CrashError

    monkeypatch.setattr(world.lake, "commit", die)
    marks = MemoryMarks()
    attempts = Attempts(marks, seconds_left=lambda: 300, foreseen=lambda _: None, again=["again"])
    messages = [world.drop("a.csv", tiny_csv(*ROWS[:10]), "new"), world.drop("b.csv", tiny_csv(*ROWS[10:]), "again")]

    with pytest.raises(CrashError):
        world.made().handle(messages, attempts)

    assert marks.started == {"again": 1}


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

    world.service.handle([world.drop("a.csv", tiny_csv("k0,no,1,,,"))])

    assert rows_on_main(world.lake)["id"].to_list() == ["k0"]
    assert len(world.main) == len(["rows", "features", "index"])
    assert world.lake.commits[-1].metadata["rows_replaced"] == "20"


def test_an_older_version_that_comes_late_is_left_alone(world: World) -> None:
    old = world.drop("a.csv", tiny_csv(*ROWS[:10]))
    new = world.drop("a.csv", tiny_csv(*ROWS), "m2")
    world.service.handle([new])
    after_new = world.main

    assert world.service.handle([old]) == {}

    assert world.main == after_new


def test_a_file_of_a_message_without_a_turn_is_not_read(world: World) -> None:
    left = iter([300.0, 300.0, 100.0, 100.0, 100.0])
    messages = [world.drop(f"{n}.csv", tiny_csv(ROWS[n]), f"m{n}") for n in range(2)]

    failures = world.made().handle(messages, turns(lambda: next(left)))

    assert {id_: type(error) for id_, error in failures.items()} == {"m1": PostponedError}
    assert len(world.lake.commits) == 2


def test_the_disk_is_given_back_as_soon_as_a_group_is_committed(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(service, "BYTES_OF_A_COMMIT", 1)
    left: list[int] = []
    to_read = world.landing.current

    def counted(key: str) -> LandedVersion | None:
        if len(world.lake.commits) == 2:
            left.append(sum(path.is_file() for path in tmp_path.rglob("*")))
        return to_read(key)

    world.landing.current = counted  # type: ignore[method-assign]
    world.service.handle([world.drop(f"{n}.csv", tiny_csv(*ROWS, "bad,maybe,1,,,"), f"m{n}") for n in range(2)])

    assert left[0] == 0


def test_current_version_deleted(world: World) -> None:
    """S3 goes back to an older version: main keeps its rows until a file is dropped again, as ADR 3 says."""
    event = json.loads((OPS / "current-version-deleted" / "event.json").read_text())
    removed = event["Records"][0]["s3"]["object"]
    removed["key"] = removed["key"].replace("breast_cancer", "tiny")
    world.service.handle([world.drop("ver.csv", tiny_csv(*ROWS))])
    before = world.main

    assert removed["key"] == "incoming/tiny/ver.csv"
    assert world.service.handle([message(event, "m2")]) == {}
    assert world.main == before


def test_two_versions_in_one_delivery_end_with_the_newer_one_in_any_order(world: World) -> None:
    old = world.drop("a.csv", tiny_csv(*ROWS), "old")
    new = world.drop("a.csv", tiny_csv(ROWS[0]), "new")

    assert world.service.handle([new, old]) == {}

    assert world.lake.commits[-1].metadata["rows_committed"] == "1"


def test_a_file_that_is_taken_is_counted_for_its_dataset_and_a_quarantined_one_is_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = World()

    world.service.handle(
        [world.drop("good.csv", tiny_csv(*ROWS)), world.drop("bad.csv", tiny_csv("k1,maybe,x,,,"), "m2")]
    )

    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "FilesTaken" in line]
    assert [(metric["dataset"], metric["FilesTaken"]) for metric in counted] == [("tiny", [1.0])]
