"""From messages to commits: exactly once, whatever the queue does."""

import io
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lakeloop.attempts import Attempts
from lakeloop.errors import (
    EmptyObjectError,
    PermanentError,
    PostponedError,
    TooLargeError,
    TransientError,
    UnknownDatasetError,
    UnknownPrefixError,
    UnreadableObjectError,
)
from lakeloop.ingest import service
from lakeloop.ingest.notification import landed_objects
from lakeloop.ingest.ports import LandedVersion
from lakeloop.ingest.service import IngestService
from lakeloop.lake.ports import LakeCommit
from lakeloop.messages import Message
from tests.cases import OPS
from tests.data import tiny_csv
from tests.fakes import CrashError, MemoryMarks, message, notification, turns
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


def test_a_file_over_its_limit_reaches_quarantine_whole_and_main_not_at_all(world: World) -> None:
    assert world.service.handle([world.drop("a.csv", tiny_csv("k1,maybe,1,,,", "k2,no,1,,,", "k3,perhaps,1,,,"))]) == {}

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


def refused(world: World, file: str) -> IngestService:
    """The service before a main whose hook refuses each commit that names the file."""

    class Gate:
        def __getattr__(self, name: str) -> Any:  # noqa: ANN401 any method of the lake
            return getattr(world.lake, name)

        def merge(self, repository: str, branch: str, message: str, metadata: Mapping[str, str]) -> LakeCommit:
            if file in metadata["sources"]:
                raise PermanentError(f"gate/schema: schema check refused: {file}")
            return world.lake.merge(repository, branch, message, metadata)

    return world.made(lake=Gate())


def test_hook_refuses_one_of_three(world: World) -> None:
    """The two good files are on main, the bad one alone fails with the hook's own sentence."""
    delivery = json.loads((OPS / "hook-refuses-one-of-three" / "delivery.json").read_text())
    messages = [Message.from_record(record) for record in delivery["Records"]]
    for number, message_ in enumerate(messages):
        [landed] = landed_objects(message_)
        world.landing.drop(landed.key, tiny_csv(ROWS[number]))
        world.landing.named[landed.key] = landed.version

    failures = refused(world, "bad.csv").handle(messages, turns())

    [(failed, error)] = failures.items()
    assert failed == messages[1].id
    assert str(error) == "gate/schema: schema check refused: bad.csv"
    assert error.subject == "s3://lakeloop-dev-landing-123456789012/incoming/tiny/bad.csv?versionId=V1"
    sources = [json.loads(commit.metadata["sources"]) for commit in world.lake.commits[1:]]
    assert [source["uri"].rpartition("/")[2] for listed in sources for source in listed] == ["good1.csv", "good2.csv"]
    assert list(world.lake.branch_commits) == ["main"]


def test_a_refused_file_among_many_is_found_by_halving(world: World) -> None:
    messages = [world.drop(f"{n}.csv", tiny_csv(ROWS[n]), f"m{n}") for n in range(16)]

    failures = refused(world, "/11.csv").handle(messages, turns())

    assert set(failures) == {"m11"}
    # All but the refused one, in the groups that halving left: 8, 2, 1 and 4.
    assert len(world.lake.commits) == 1 + 4


def test_a_transient_error_of_a_group_is_not_halved(world: World) -> None:
    merges: list[str] = []

    class Busy:
        def __getattr__(self, name: str) -> Any:  # noqa: ANN401 any method of the lake
            return getattr(world.lake, name)

        def merge(self, repository: str, branch: str, message: str, metadata: Mapping[str, str]) -> LakeCommit:
            merges.append(branch)
            raise TransientError("busy")

    messages = [world.drop(f"{n}.csv", tiny_csv(ROWS[n]), f"m{n}") for n in range(4)]

    failures = world.made(lake=Busy()).handle(messages, turns())

    assert len(merges) == 1
    assert set(failures) == {"m0", "m1", "m2", "m3"}
    assert list(world.lake.branch_commits) == ["main"]


def test_a_refused_replacement_leaves_the_good_old_rows_and_says_so(world: World) -> None:
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS))])
    before = world.main

    failures = world.service.handle([world.drop("a.csv", b"\xff\xfe", "m2")])

    assert str(failures["m2"]).endswith("Main keeps the rows of the version before")
    assert world.main == before


def test_a_refused_first_version_says_nothing_of_rows_before(world: World) -> None:
    failures = world.service.handle([world.drop("a.csv", b"\xff\xfe")])

    assert "Main keeps" not in str(failures["m1"])


def test_a_replacement_that_is_quarantined_whole_leaves_the_good_old_rows(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS))])
    before = world.main

    assert world.service.handle([world.drop("a.csv", tiny_csv("k1,maybe,1,,,"), "m2")]) == {}

    assert world.main == before
    assert "main keeps the rows of the version before" in caplog.text


def test_empty_first_then_full(world: World) -> None:
    """The empty version waits, and is dropped without a letter once a newer one exists."""
    empty, full = (
        json.loads((OPS / "empty-first-then-full" / name).read_text()) for name in ("first.json", "second.json")
    )
    [key] = {entry["Records"][0]["s3"]["object"]["key"] for entry in (empty, full)}
    tiny_key = key.replace("breast_cancer", "tiny")
    messages = []
    for number, event in enumerate((empty, full), start=1):
        event["Records"][0]["s3"]["object"] |= {"key": tiny_key, "versionId": f"v{number}"}
        messages.append(message(event, f"m{number}"))
    world.landing.drop(tiny_key, b"")

    failures = world.service.handle(messages[:1])
    assert isinstance(failures["m1"], EmptyObjectError)
    assert failures["m1"].patience_seconds == 600

    world.landing.drop(tiny_key, tiny_csv(*ROWS))
    assert world.service.handle(messages) == {}
    assert world.lake.commits[-1].metadata["rows_committed"] == "20"


def test_a_file_above_the_limit_is_refused_before_it_is_read(world: World) -> None:
    dropped = world.drop("a.csv", tiny_csv(*ROWS))
    read: list[str] = []

    class Unread(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            read.append(dropped.id)
            return super().read(size)

    class UnreadLanding:
        def opened(self, key: str) -> tuple[LandedVersion, io.BytesIO] | None:
            current = world.landing.current(key)
            return (current, Unread(b"x")) if current else None

    failures = world.made(landing=UnreadLanding(), max_object_bytes=10).handle([dropped], turns())

    assert isinstance(failures["m1"], TooLargeError)
    assert "drop it in pieces" in str(failures["m1"])
    assert read == []


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
