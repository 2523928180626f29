"""`delivery_unit: folder`: files wait for the _SUCCESS beside them, and come to main in one commit."""

import itertools
import json

import pytest

from lakeloop.errors import TooLargeError
from lakeloop.ingest import folders
from lakeloop.lake.index import Index, RolledBack
from lakeloop.messages import Message
from tests.data import tiny, tiny_csv
from tests.fakes import message, notification
from tests.lake_content import assert_whole, content, rows_on_main
from tests.unit.lakeloop.test_reconcile import Reconciled
from tests.world import ROWS, World

PARTS = {"day1/part-0.csv": ROWS[:8], "day1/part-1.csv": ROWS[8:14], "day1/b=1/part-2.csv": ROWS[14:]}


def world() -> World:
    return World(tiny(delivery_unit="folder", quality={"max_rejected_fraction": 0.5}))


def part(here: World, name: str) -> Message:
    return here.drop(name, tiny_csv(*PARTS[name]), name)


def success(here: World, folder: str = "day1/") -> Message:
    key = f"incoming/tiny/{folder}_SUCCESS"
    return message(notification(key, here.landing.drop(key, b"")), "success")


def commits(here: World) -> list[list[str]]:
    """The files of each commit."""
    told = (json.loads(commit.metadata.get("sources", "[]")) for commit in here.lake.commits)
    return [
        sorted(source["uri"].removeprefix("s3://landing/incoming/tiny/") for source in some) for some in told if some
    ]


def test_files_without_success_wait_and_are_no_failure() -> None:
    here = world()

    for name in PARTS:
        assert here.service.handle([part(here, name)]) == {}

    assert commits(here) == []


def test_success_brings_all_files_of_its_folder_in_one_commit() -> None:
    here = world()
    for name in PARTS:
        here.service.handle([part(here, name)])

    assert here.service.handle([success(here)]) == {}

    assert commits(here) == [sorted(PARTS)]
    assert rows_on_main(here.lake).height == len(ROWS)
    assert_whole(here.lake, here.contract)


@pytest.mark.parametrize("order", [*itertools.permutations(["day1/part-0.csv", "day1/part-1.csv", "success"])])
def test_events_may_come_in_any_order_and_twice(order: tuple[str, ...]) -> None:
    here = world()
    events = {name: part(here, name) for name in PARTS} | {"success": success(here)}

    for name in (*order, *order, "day1/b=1/part-2.csv"):
        assert here.service.handle([events[name]]) == {}

    assert commits(here) == [sorted(PARTS)]


def test_a_delivery_of_all_events_reads_each_file_once() -> None:
    here = world()
    events = [*(part(here, name) for name in PARTS), success(here)]

    here.service.handle(events)

    assert commits(here) == [sorted(PARTS)]


def test_a_part_that_is_replaced_later_replaces_its_rows_alone() -> None:
    here = world()
    here.service.handle([*(part(here, name) for name in PARTS), success(here)])

    here.service.handle([here.drop("day1/part-0.csv", tiny_csv(*ROWS[:2]))])

    assert commits(here) == [sorted(PARTS), ["day1/part-0.csv"]]
    assert rows_on_main(here.lake).height == 2 + 6 + 6


def test_another_folder_is_none_of_its_business() -> None:
    here = world()
    here.service.handle([here.drop("day2/part-0.csv", tiny_csv(*ROWS[:3])), part(here, "day1/part-0.csv")])

    here.service.handle([success(here)])

    assert commits(here) == [["day1/part-0.csv"]]


def test_a_part_that_cannot_be_read_keeps_the_folder_out_and_says_which() -> None:
    here = world()
    part(here, "day1/part-0.csv")
    here.drop("day1/part-9.csv", b"\xff\xfe")

    [error] = here.service.handle([success(here)]).values()

    assert "day1/part-9.csv" in error.subject
    assert commits(here) == []


def test_more_files_than_a_commit_tells_of_are_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MOST_FILES", 2)
    here = world()
    for name in PARTS:
        part(here, name)

    [error] = here.service.handle([success(here)]).values()

    assert isinstance(error, TooLargeError)
    assert "drop it as several folders" in str(error)


def test_where_a_file_is_a_delivery_success_says_nothing() -> None:
    here = World(tiny())
    here.drop("day1/part-0.csv", tiny_csv(*ROWS))

    assert here.service.handle([success(here)]) == {}
    assert commits(here) == []


def test_what_was_rolled_back_comes_again_with_an_event_of_its_own_alone() -> None:
    here = world()
    here.service.handle([*(part(here, name) for name in PARTS), success(here)])
    index = Index(here.lake, "", "main")
    id_, entry = next((id_, entry) for id_, entry in index.entries() if entry.uri.endswith("part-0.csv"))
    index.remove(id_)
    index.roll_back(id_, RolledBack.of(entry))
    here.lake.commit_by_hand(dict(index.changes()))

    here.service.handle([here.drop("day1/part-9.csv", tiny_csv("k90,yes,1,,,"))])
    assert commits(here)[-1] == ["day1/part-9.csv"]

    here.service.handle([message(notification("incoming/tiny/day1/part-0.csv", "v1"))])
    assert commits(here)[-1] == ["day1/part-0.csv"]


class TestReconciling:
    def test_what_waits_is_told_since_when_and_not_sent(self) -> None:
        here = Reconciled(delivery_unit="folder")
        part(here, "day1/part-0.csv")
        here.landing.landed["incoming/tiny/day1/part-0.csv"] = 1_767_225_600

        said = here.reconcile()

        assert said == (
            "1 file in a folder without _SUCCESS: taken when it is there; "
            "the first of those that wait landed at 2026-01-01 00:00 UTC"
        )
        assert here.reports.reports["tiny", "reconcile_landing"].good is False
        assert commits(here) == []

    def test_a_success_that_no_event_told_of_is_found(self) -> None:
        here = Reconciled(delivery_unit="folder")
        for name in PARTS:
            assert here.service.handle([part(here, name)]) == {}
        success(here)

        here.reconcile()

        assert commits(here) == [sorted(PARTS)]
        before = content(here.lake)
        here.reconcile()
        assert content(here.lake) == before
