"""A file that is deleted in S3 takes its rows from main where `on_delete: remove` says so, and nobody else's."""

import io

import polars as pl
import pytest

from lakeloop.contract import DatasetContract
from lakeloop.ingest.announcement import announcement
from lakeloop.ingest.notification import LandedObject
from lakeloop.lake.index import Index
from tests.data import tiny, tiny_csv
from tests.fakes import message
from tests.world import ROWS, World

KEY = "incoming/tiny/a.csv"
REMOVED = message(announcement(LandedObject("landing", KEY, "", "tiny", removed=True)), "removed")


def contract(**changes: object) -> DatasetContract:
    return tiny(on_delete="remove", **changes)


def dropped(given: DatasetContract) -> World:
    """A world with two files on main, of which S3 has the first no longer."""
    world = World(given)
    for at, (name, rows) in enumerate((("a.csv", ROWS[:12]), ("b.csv", ROWS[12:]))):
        world.landing.landed[f"incoming/tiny/{name}"] = at + 1
        assert world.service.handle([world.drop(name, tiny_csv(*rows))]) == {}
    world.landing.delete(KEY)
    return world


def keys_on_main(world: World) -> list[str]:
    """The keys of the rows on main, in order."""
    objects = [path for path in world.main if path.startswith("rows/")]
    frames = [pl.read_parquet(io.BytesIO(world.lake.bytes[world.main[path]])) for path in objects]
    return sorted(key for frame in frames for key in frame["id"])


def keys_of(rows: list[str]) -> list[str]:
    return sorted(row.partition(",")[0] for row in rows)


@pytest.mark.parametrize("delivery", ["append", "upsert"])
def test_the_rows_of_a_deleted_file_go_and_the_commit_says_so(delivery: str) -> None:
    world = dropped(contract(delivery=delivery))

    assert world.service.handle([REMOVED]) == {}

    assert keys_on_main(world) == keys_of(ROWS[12:])
    assert Index(world.lake, "tiny", "main").counts().total == len(ROWS) - 12
    said = world.lake.commits[-1].metadata
    assert (said["removed"], said["rows_removed"], said["rows_committed"]) == (f"s3://landing/{KEY}", "12", "0")


@pytest.mark.parametrize("delivery", ["append", "upsert"])
def test_a_second_word_of_it_changes_nothing(delivery: str) -> None:
    world = dropped(contract(delivery=delivery))
    world.service.handle([REMOVED])
    commits = len(world.lake.commits)

    assert world.service.handle([REMOVED]) == {}
    assert len(world.lake.commits) == commits


def test_rows_stay_where_the_contract_does_not_say_so() -> None:
    world = dropped(tiny())

    world.service.handle([REMOVED])

    assert keys_on_main(world) == keys_of(ROWS)


def test_a_file_that_is_there_again_keeps_its_rows() -> None:
    world = dropped(contract())
    world.landing.restore(KEY)

    world.service.handle([REMOVED])

    assert keys_on_main(world) == keys_of(ROWS)


def test_files_of_one_pack_stay_when_one_of_them_goes() -> None:
    world = World(contract())
    drops = [world.drop(name, tiny_csv(*rows), name) for name, rows in (("a.csv", ROWS[:12]), ("b.csv", ROWS[12:]))]
    world.service.handle(drops)
    world.landing.delete(KEY)

    world.service.handle([REMOVED])

    assert keys_on_main(world) == keys_of(ROWS[12:])


def test_no_branch_is_left() -> None:
    world = dropped(contract())

    world.service.handle([REMOVED])

    assert set(world.lake.branch_commits) == {"main"}
