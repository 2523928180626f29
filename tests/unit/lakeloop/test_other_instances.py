"""Other instances of what the cases under tests/cases/ops tell of: the kind is dealt with, not the one instance."""

from collections.abc import Mapping
from typing import Any

import pytest

from lakeloop.errors import EmptyObjectError, PermanentError, UnreadableObjectError, UnversionedObjectError
from lakeloop.ingest.announcement import announcement
from lakeloop.ingest.notification import LandedObject
from lakeloop.lake.index import Index
from lakeloop.lake.ports import LakeCommit
from tests.data import tiny_csv
from tests.fakes import message, notification, turns
from tests.unit.lakeloop.test_reconcile import Reconciled
from tests.world import ROWS, World

ALL_IS_THERE = "main has what the landing bucket has"


def files_on_main(world: World) -> dict[str, int]:
    entries = Index(world.lake, "", "main").entries()
    return {entry.uri.rpartition("incoming/tiny/")[2]: entry.counts.total for _, entry in entries}


@pytest.mark.parametrize("bad", [{0, 4}, {1, 2}, {0, 1, 2, 3, 4}], ids=["first and last", "neighbours", "all"])
def test_hook_refuses_some_of_five(bad: set[int]) -> None:
    world = World()

    class Hooked:
        def __getattr__(self, name: str) -> Any:  # noqa: ANN401 any method of the lake
            return getattr(world.lake, name)

        def commit(self, repository: str, branch: str, message: str, metadata: Mapping[str, str]) -> LakeCommit:
            if refused := [n for n in sorted(bad) if f"/{n}.csv" in metadata["sources"]]:
                raise PermanentError(f"gate refuses {refused[0]}.csv")
            return world.lake.commit(repository, branch, message, metadata)

    messages = [world.drop(f"{n}.csv", tiny_csv(ROWS[n]), f"m{n}") for n in range(5)]

    failures = world.made(lake=Hooked()).handle(messages, turns())

    assert {id_: str(error) for id_, error in failures.items()} == {f"m{n}": f"gate refuses {n}.csv" for n in bad}
    assert files_on_main(world) == {f"{n}.csv": 1 for n in range(5) if n not in bad}
    assert list(world.lake.branch_commits) == ["main"]


@pytest.mark.parametrize("name", ["2026/März 1+2.csv", "a%20b.csv"])
def test_unannounced_object_with_a_name_that_events_encode(name: str) -> None:
    world = Reconciled()
    world.drop(name, tiny_csv(*ROWS))

    assert world.reconcile().startswith("1 file landed and in no commit")

    assert files_on_main(world) == {name: len(ROWS)}
    assert world.reconcile() == ALL_IS_THERE


def test_unannounced_object_of_two_versions_is_the_later_one() -> None:
    world = Reconciled()
    world.drop("a.csv", tiny_csv(*ROWS))
    world.drop("a.csv", tiny_csv(*ROWS[:3]))

    world.reconcile()

    assert files_on_main(world) == {"a.csv": 3}
    assert world.reconcile() == ALL_IS_THERE


def test_bucket_with_a_past_of_which_a_file_is_dropped_again() -> None:
    world = Reconciled()
    world.lake.made = 1_000
    for name in ("a.csv", "b.csv"):
        world.drop(name, tiny_csv(*ROWS))
    assert files_on_main(world) == {}

    world.landing.landed["incoming/tiny/a.csv"] = 2_000
    world.drop("a.csv", tiny_csv(*ROWS[:4]))
    said = world.reconcile()

    assert files_on_main(world) == {"a.csv": 4}
    assert "1 file landed before the dataset was made" in said


def test_bucket_with_a_past_that_is_emptied_is_told_of_no_more() -> None:
    world = Reconciled()
    world.lake.made = 1_000
    world.drop("a.csv", tiny_csv(*ROWS))
    world.landing.delete("incoming/tiny/a.csv")

    assert world.reconcile() == ALL_IS_THERE
    assert files_on_main(world) == {}


def unversioned(name: str) -> dict[str, Any]:
    event: dict[str, Any] = notification(f"incoming/tiny/{name}")
    del event["Records"][0]["s3"]["object"]["versionId"]
    return event


def test_versioning_suspended_for_one_of_two_files_of_a_delivery() -> None:
    world = World()
    good = world.drop("good.csv", tiny_csv(*ROWS), "good")

    failures = world.service.handle([message(unversioned("off.csv"), "off"), good])

    assert {id_: type(error) for id_, error in failures.items()} == {"off": UnversionedObjectError}
    assert files_on_main(world) == {"good.csv": len(ROWS)}


def test_versioning_suspended_names_a_command_that_a_shell_takes() -> None:
    failures = World().service.handle([message(unversioned("my+file%3B.csv"), "off")])

    assert str(failures["off"]).endswith("`lakeloop replay tiny --file 'my file;.csv'`")


def removal(key: str, version: str = "") -> LandedObject:
    return LandedObject("landing", key, version, "tiny", removed=True)


def test_current_version_deleted_is_not_an_older_one_that_a_lifecycle_takes() -> None:
    world = Reconciled(on_delete="remove")
    for rows in (ROWS, ROWS[:5]):
        world.service.handle([world.drop("a.csv", tiny_csv(*rows))])

    assert world.service.handle([message(announcement(removal("incoming/tiny/a.csv", "v1")), "gone")]) == {}

    assert files_on_main(world) == {"a.csv": 5}


def test_current_version_deleted_where_the_one_before_cannot_be_read() -> None:
    world = Reconciled()
    key = "incoming/tiny/a.csv"
    world.landing.landed[key] = 100
    refused = world.service.handle([world.drop("a.csv", b"\xff\xfe", "m1")])
    assert isinstance(refused["m1"], UnreadableObjectError)
    world.landing.landed[key] = 200
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS), "m2")])

    world.landing.versions[key].pop()
    world.landing.landed[key] = 100
    [found] = [finding for _, finding in world.findings.after(world.contract, "") if finding]
    again = world.service.handle([message(announcement(found.file.landed), "again")])

    assert "Main keeps the rows of the version before" in str(again["again"])
    assert files_on_main(world) == {"a.csv": len(ROWS)}


@pytest.mark.parametrize("nothing", [tiny_csv(), b"\n\n"], ids=["header alone", "empty lines"])
def test_empty_first_then_full_where_empty_has_bytes(nothing: bytes) -> None:
    world = World()
    first = world.drop("a.csv", nothing, "m1")
    assert isinstance(world.service.handle([first])["m1"], UnreadableObjectError)

    second = world.drop("a.csv", tiny_csv(*ROWS), "m2")

    assert world.service.handle([first, second]) == {}
    assert files_on_main(world) == {"a.csv": len(ROWS)}


def test_full_first_then_empty_waits_and_leaves_the_rows() -> None:
    world = World()
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS))])

    failures = world.service.handle([world.drop("a.csv", b"", "m2")])

    assert isinstance(failures["m2"], EmptyObjectError)
    assert files_on_main(world) == {"a.csv": len(ROWS)}
    assert world.service.handle([world.drop("a.csv", tiny_csv(*ROWS[:3]), "m3")]) == {}
    assert files_on_main(world) == {"a.csv": 3}
