"""When small packs are put together: by their count on the clock, and as few as two when a person asks."""

import pytest

from lakeloop.errors import UnknownDatasetError
from lakeloop.ingest.compact import CompactService
from lakeloop.messages import Compact
from tests.data import tiny, tiny_csv
from tests.fakes import MemoryContracts, MemoryPublisher, message
from tests.lake_content import assert_whole, content, rows_on_main
from tests.world import ROWS, World


class Compacted(World):
    """A world with some packs on main."""

    def __init__(self, packs: int) -> None:
        super().__init__(tiny())
        self.asked: MemoryPublisher[Compact] = MemoryPublisher(self.crash)
        for n in range(packs):
            self.service.handle([self.drop(f"{n}.csv", tiny_csv(*ROWS[4 * n : 4 * n + 4]))])

    def compact(self, seconds_left: float = 900, **asked: object) -> str:
        """What the report says."""
        service = CompactService(
            contracts=MemoryContracts(self.contract),
            lake=self.lake,
            publisher=self.asked,
            reports=self.reports,
            name_prefix="lakeloop-test",
            git_sha="abc",
        )
        body = Compact.model_validate({"dataset": "tiny", **asked}).model_dump_json()
        service.handle(message(body), lambda: seconds_left)
        report = self.reports.get("tiny", "compact")
        return report.why if report else ""


def test_asked_for_all_it_asks_for_each_dataset() -> None:
    world = Compacted(0)

    world.compact(dataset="", fewest=5)

    assert world.asked.published == [Compact(dataset="tiny", fewest=5)]


def test_fewer_packs_than_are_worth_it_wait() -> None:
    world = Compacted(3)
    head = world.lake.head("")

    assert world.compact() == "3 of 3 packs are small: with 32 of them they are put together"
    assert world.lake.head("") == head


def test_enough_of_them_are_put_together() -> None:
    world = Compacted(3)
    before = content(world.lake)

    assert world.compact(fewest=3) == "3 of 3 packs became 1"
    assert content(world.lake) == before
    assert_whole(world.lake, world.contract)
    assert world.compact(fewest=2) == "1 packs, none to be put together"


def test_without_time_the_rest_is_asked_for_and_done_later() -> None:
    world = Compacted(3)

    assert "time for 1 more comes with the next message" in world.compact(seconds_left=1, fewest=3)
    [again] = world.asked.published
    assert world.compact(**again.model_dump()) == "3 of 3 packs became 1"


def test_a_dataset_without_a_contract_is_refused() -> None:
    with pytest.raises(UnknownDatasetError):
        Compacted(0).compact(dataset="other")


def test_late_correction() -> None:
    """A key that comes again in another file is there twice under append, and `status` says so."""
    world = Compacted(2)
    world.service.handle([world.drop("again.csv", tiny_csv("k1,no,5,,,", "k4,yes,5,,,"))])

    assert world.compact(fewest=9).startswith("2 keys of id in more than one file, each with all its rows")
    assert world.reports.reports["tiny", "compact"].good is False
    assert sorted(rows_on_main(world.lake)["id"]).count("k1") == 2

    world.service.handle([world.drop("again.csv", tiny_csv("k30,no,5,,,"))])
    assert world.compact(fewest=9).startswith("3 of 3 packs are small")
    assert world.reports.reports["tiny", "compact"].good is True


def test_who_says_that_keys_may_come_again_hears_no_more_of_them_though_main_is_as_it_was() -> None:
    world = Compacted(1)
    world.service.handle([world.drop("again.csv", tiny_csv(ROWS[1]))])
    assert world.compact(fewest=9).startswith("1 key of id in more than one file")

    world.contract = tiny(repeats="keep")

    assert world.compact(fewest=9) == "2 packs, none to be put together"
    assert world.reports.reports["tiny", "compact"].good is True


def test_keys_that_may_come_again_are_not_told() -> None:
    world = Compacted(1)
    world.contract = tiny(repeats="keep")
    world.service.handle([world.drop("again.csv", tiny_csv(ROWS[1]))])

    assert "key" not in world.compact(fewest=9)
