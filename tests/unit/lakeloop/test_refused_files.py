"""What is refused: alone, with its object, and with the good rows of before left where they are."""

import io
import json
from collections.abc import Mapping
from typing import Any

import pytest

from lakeloop.errors import (
    EmptyObjectError,
    PermanentError,
    TooLargeError,
    TransientError,
    UnknownDatasetError,
    UnknownPrefixError,
    UnreadableObjectError,
)
from lakeloop.ingest.notification import landed_objects
from lakeloop.ingest.ports import LandedVersion
from lakeloop.ingest.service import IngestService
from lakeloop.lake.ports import LakeCommit
from lakeloop.messages import Message
from tests.cases import OPS
from tests.data import tiny_csv
from tests.fakes import message, notification, turns
from tests.world import ROWS, World


@pytest.fixture
def world() -> World:
    return World()


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
