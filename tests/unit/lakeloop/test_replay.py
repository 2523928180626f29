"""Landed files are read again: which ones, and what main becomes by it."""

from collections import Counter

import pytest

from lakeloop.contract import DatasetContract
from lakeloop.ingest.announcement import announcement
from lakeloop.ingest.landed_files import LandedFiles
from lakeloop.ingest.mend_keys import mend_key
from lakeloop.ingest.mending import Mend, MendedRecord
from lakeloop.ingest.notification import landed_objects
from lakeloop.ingest.replay import Filter, Replayed, replayed
from lakeloop.lake.index import Index
from tests.data import tiny, tiny_csv
from tests.fakes import MemoryContracts, MemoryListing, message, notification
from tests.lake_content import rows_on_main
from tests.world import ROWS, Ingest, World

OLD = tiny(quality={"max_rejected_fraction": 0.5})
NEW = tiny(quality={"max_rejected_fraction": 0.9})
BAD = ("bad,maybe,1,,,", "worse,perhaps,1,,,")


class Replays(World):
    """A world whose contract may change, with three files that the first one read, one of them in part."""

    def __init__(self) -> None:
        super().__init__(OLD)
        drops = [self.drop(f"{n}.csv", tiny_csv(*ROWS, *BAD[: n - 1])) for n in range(1, 4)]
        for n, dropped in enumerate(drops):
            self.landing.landed[f"incoming/tiny/{n + 1}.csv"] = 100 * n + 100
            self.service.handle([dropped])

    def becomes(self, contract: DatasetContract) -> None:
        self.contract = contract
        self.service = Ingest(self.made(contracts=MemoryContracts(contract)))

    def to_replay(self, wanted: Filter | None = None) -> list[Replayed]:
        index = Index(self.lake, "tiny", "main")
        files = LandedFiles(self.contract, MemoryListing(self.landing), index, began=0, now=10**9)
        return list(replayed(self.contract, files.after(""), wanted or Filter()))

    def replay(self, wanted: Filter | None = None) -> list[str]:
        """The names of the files that are sent and read again."""
        files = self.to_replay(wanted)
        told = [message(announcement(file.landed), f"m{n}") for n, file in enumerate(files)]
        assert self.service.handle(told) == {}
        return [file.landed.key.removeprefix("incoming/tiny/") for file in files]


@pytest.fixture
def world() -> Replays:
    return Replays()


def test_a_replay_that_changes_nothing_commits_nothing(world: Replays) -> None:
    before = world.main
    told = [message(notification(f"incoming/tiny/{n}.csv"), f"m{n}") for n in range(1, 4)]

    assert world.to_replay() == []
    assert world.service.handle(told) == {}
    assert world.main == before


def test_a_changed_contract_reads_its_files_again_once_and_no_row_is_twice(world: Replays) -> None:
    rows = Index(world.lake, "tiny", "main").counts().total
    landed = {entry.uri: entry.landed for _, entry in Index(world.lake, "tiny", "main").entries()}
    world.becomes(NEW)

    assert Counter(file.why for file in world.to_replay()) == {"read by an earlier contract": 3}
    assert world.replay() == ["1.csv", "2.csv", "3.csv"]

    index = Index(world.lake, "tiny", "main")
    assert index.counts().total == rows
    assert {entry.uri: entry.landed for _, entry in index.entries()} == landed
    assert world.replay() == []


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Filter(since=200), ["2.csv", "3.csv"]),
        (Filter(keys=frozenset({"incoming/tiny/1.csv"})), ["1.csv"]),
        (Filter(keys=frozenset({"incoming/tiny/none.csv"})), []),
    ],
)
def test_a_replay_takes_the_files_that_are_asked_for(world: Replays, wanted: Filter, names: list[str]) -> None:
    world.becomes(NEW)

    assert world.replay(wanted) == names


def test_a_file_that_is_named_is_read_again_though_main_has_it(world: Replays) -> None:
    (file,) = world.to_replay(Filter(keys=frozenset({"incoming/tiny/1.csv"})))

    assert file.why == "asked for by name"


def test_quarantined_files_are_read_again_without_the_others(world: Replays) -> None:
    keys = [key for key in world.artifacts.objects if key.startswith("quarantine/")]
    events = frozenset(key.rpartition("/")[2].removesuffix(".parquet") for key in keys)
    world.becomes(NEW)

    assert world.replay(Filter(events=events)) == ["2.csv", "3.csv"]


def test_what_a_changed_contract_lets_in_is_in_quarantine_no_longer() -> None:
    world = Replays()
    dropped = world.drop("tall.csv", tiny_csv(*ROWS, "tall,yes,50,,,"))
    world.service.handle([dropped])
    waiting = {key for key in world.artifacts.objects if key.startswith("quarantine/")}
    columns = [
        column | ({"max": 100} if column["name"] == "f" else {}) for column in OLD.model_dump(mode="json")["columns"]
    ]
    world.becomes(tiny(columns=columns, quality={"max_rejected_fraction": 0.9}))

    world.replay()

    gone = waiting - {key for key in world.artifacts.objects if key.startswith("quarantine/")}
    assert len(waiting) == 3
    assert len(gone) == 1
    assert "tall" in rows_on_main(world.lake)["id"].to_list()


def test_what_landed_before_the_dataset_was_made_is_taken_once(world: Replays) -> None:
    world.drop("past.csv", tiny_csv("k99,yes,1,,,"))

    assert world.replay() == ["past.csv"]
    assert world.replay() == []


def test_a_file_with_mended_rows_is_read_again_with_them(world: Replays) -> None:
    (landed,) = landed_objects(message(notification("incoming/tiny/2.csv")))
    mend = Mend(records=(MendedRecord(line=len(ROWS) + 2, lines=1, text="k99,yes,1,,,"),))
    key = mend_key(landed)
    world.landing.drop(key, mend.model_dump_json().encode())
    world.service.handle([message(notification(key))])
    rows = Index(world.lake, "tiny", "main").counts().total
    world.becomes(NEW)

    assert world.replay() == ["1.csv", "3.csv", key.removeprefix("incoming/tiny/")]
    assert Index(world.lake, "tiny", "main").counts().total == rows
    assert world.replay() == []
    named = Filter(keys=frozenset({landed.key}))
    assert world.replay(named) == [key.removeprefix("incoming/tiny/")], "named is its file"
