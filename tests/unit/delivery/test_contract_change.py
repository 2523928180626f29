"""Four changes of a contract at once: the served model answers, old files stay valid, nothing mixes recipes.

A value comes into the middle of a list, a nullable column is new, another is skipped, a header has a second spelling.
"""

import pytest

from lakeloop.contract.changes import refused_changes
from lakeloop.contract.digest import reading_digest, recipe_digest
from lakeloop.contract.meaning import meaning
from lakeloop.ingest.announcement import announcement
from lakeloop.ingest.landed_files import LandedFiles
from lakeloop.ingest.replay import Filter, Replayed, replayed
from lakeloop.lake.index import Index
from lakeloop.serving.reader import RequestReader
from lakeloop.serving.request import AskedRow
from tests.data import tiny, tiny_csv
from tests.fakes import MemoryListing, MemoryTuner, message
from tests.lake_content import assert_whole
from tests.unit.delivery.remaking import features, remake, under
from tests.world import ROWS, World

OLD = tiny()
CHANGED = {
    "f": {"header": ["f", "F value"]},
    "c": {"allowed": ["a", "x", "b"]},
}
NEW = tiny(
    columns=[
        *(c.model_dump(exclude_unset=True) | CHANGED.get(c.name, {}) for c in OLD.columns if c.name != "t"),
        {"name": "t", "type": "skip", "nullable": True},
        {"name": "later", "type": "float", "nullable": True},
    ],
)
FIRST, SECOND = ROWS[:10], ["n1,yes,1.5,7,x,0.5", "n2,no,2.5,,b,"]


@pytest.fixture
def world() -> World:
    """Main with a file of the old contract, under the new one."""
    world = World(OLD)
    assert world.service.handle([world.drop("old.csv", tiny_csv(*FIRST))]) == {}
    return under(world, NEW)


def to_replay(world: World) -> list[Replayed]:
    index = Index(world.lake, "tiny", "main")
    files = LandedFiles(world.contract, MemoryListing(world.landing), index, began=0, now=10**9)
    return list(replayed(world.contract, files.after(""), Filter()))


def drop_new(world: World) -> None:
    body = tiny_csv(*SECOND, header="id,y,F value,i,c,later")
    assert world.service.handle([world.drop("new.csv", body, "new")]) == {}


def test_the_change_is_taken_and_says_that_files_are_to_be_read_again() -> None:
    assert refused_changes(OLD, NEW) == []
    assert meaning(OLD, NEW).touches_rows


def test_the_served_model_reads_the_old_requests_as_before_and_the_new_ones_too() -> None:
    reader, today = RequestReader(OLD), RequestReader(NEW)
    asked = {"f": 1.5, "i": 7, "c": "b", "t": True}

    before = reader.request(AskedRow(asked), reader).csv

    assert reader.request(AskedRow(asked), today).csv == before
    assert reader.request(AskedRow({**asked, "later": 0.5}), today).csv == before


def test_old_rows_stay_and_files_of_both_kinds_are_taken(world: World) -> None:
    drop_new(world)
    assert world.service.handle([world.drop("again.csv", tiny_csv(*ROWS[10:]), "again")]) == {}

    assert Index(world.lake, "tiny", "main").counts().total == len(ROWS) + len(SECOND)


def test_training_waits_for_the_replay_and_the_recipe_and_reads_that_recipe_alone(world: World) -> None:
    tuner = MemoryTuner()
    drop_new(world)
    world.training(tuner, NEW).handle(world.told())
    assert not tuner.started
    assert world.reports.reports["tiny", "start_tuning"].why.startswith("1 of 2 files")

    files = to_replay(world)
    assert [file.why for file in files] == ["read by an earlier contract"]
    assert world.service.handle([message(announcement(file.landed), "replay") for file in files]) == {}
    assert {entry.reading for _, entry in Index(world.lake, "tiny", "main").entries()} == {reading_digest(NEW)}
    assert to_replay(world) == []
    remake(world)
    world.training(tuner, NEW).handle(world.told())

    assert len(tuner.started) == 1
    assert not features(world).missing
    assert_whole(world.lake, NEW)
    read = [entry.path for made in features(world).made.values() for entry in made]
    assert read
    assert all(path.startswith(f"features/{recipe_digest(NEW)}/") for path in read)
    assert recipe_digest(NEW) != recipe_digest(OLD)
