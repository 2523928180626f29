"""The borders of a split by time move on, and rows move to where they belong, without landed files."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from lakeloop.contract.changes import code_changes, refused_changes
from lakeloop.contract.digest import reading_digest
from lakeloop.contract.meaning import meaning
from lakeloop.errors import MergeConflictError
from lakeloop.ingest import moving, packs
from lakeloop.ingest.compaction import Compaction
from lakeloop.lake.borders import advanced, behind, in_force, laid, unmoved
from lakeloop.lake.index import Index
from lakeloop.messages import AdvanceSplits
from tests.data import tiny
from tests.fakes import MemoryTuner
from tests.lake_content import assert_whole, content, rows_on_main, table
from tests.unit.delivery.advancing import COLUMNS, LATER, Advancing, contract
from tests.unit.delivery.meanwhile import during
from tests.world import World

DELIVERIES = ["append", "upsert", "snapshot"]


@pytest.mark.parametrize("delivery", ["append", "upsert"])
@pytest.mark.parametrize("later", [("2024-01-21", "2024-01-26"), ("2024-01-06", "2024-01-08")], ids=["on", "back"])
def test_rows_move_to_where_new_borders_put_them(delivery: str, later: tuple[str, str]) -> None:
    world = Advancing(contract(delivery=delivery))
    keys = sorted(rows_on_main(world.lake)["id"])
    world.changed(contract(*later, delivery=delivery))

    world.advance()

    world.assert_by(world.contract)
    assert sorted(rows_on_main(world.lake)["id"]) == keys
    assert world.publisher.published[-1].commit == world.lake.head("")
    assert list(world.lake.branch_commits) == ["main"]


def test_the_content_is_that_of_a_lake_that_was_so_from_the_beginning() -> None:
    world = Advancing()
    world.changed(LATER)

    world.advance()

    assert content(world.lake) == content(Advancing(LATER).lake)


def test_training_waits_and_is_told_why() -> None:
    world = Advancing()
    assert unmoved(world.contract, Index(world.lake, "", "main")) == ""

    world.changed(LATER)

    said = unmoved(world.contract, Index(world.lake, "", "main"))
    assert said.startswith("the rows of 3 files lie by earlier borders than 2024-01-21 and 2024-01-26")
    tuner = MemoryTuner()
    world.training(tuner, LATER).handle(world.told())
    assert world.reports.reports["tiny", "start_tuning"].why == said
    assert not tuner.started
    world.advance()
    assert unmoved(world.contract, Index(world.lake, "", "main")) == ""
    world.training(tuner, LATER).handle(world.told())
    assert len(tuner.started) == 1


def test_only_rows_that_come_to_train_are_new() -> None:
    world = Advancing()
    assert [commit.rows for commit in world.lake.commits[1:]] == [10, 0, 0]

    world.changed(LATER)
    world.advance()

    assert sum(commit.rows or 0 for commit in world.lake.commits[1:]) == len(world.days_in("train")) == 20


def test_files_that_stay_learned_from_are_not_read() -> None:
    world = Advancing()
    objects = {path: sum_ for path, sum_ in world.main.items() if path.startswith("rows/train/")}
    world.changed(LATER)

    world.advance()

    assert objects.items() <= world.main.items()


def test_a_large_file_moves_range_by_range(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "SMALL_BYTES", 1)
    world = Advancing()
    world.changed(LATER)

    world.advance()

    world.assert_by(LATER)
    assert all(path.endswith("/00000.parquet") for path in world.main if path.startswith("rows/"))


def test_rows_behind_a_border_lie_in_the_gap() -> None:
    world = Advancing(contract(gap="2d"))
    world.changed(contract("2024-01-21", "2024-01-26", gap="3d"))

    world.advance()

    assert world.days_in("gap") == [21, 22, 23, 26, 27, 28]
    world.assert_by(world.contract)


def test_without_time_the_rest_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "BATCH_PLACES", 1)
    world = Advancing()
    world.changed(LATER)

    assert world.advance(seconds_left=1).endswith("3 of 3 places are to be moved")
    assert world.asked.published == [AdvanceSplits(dataset="tiny")]
    assert world.days_in("train") == list(range(1, 11))
    world.advance()
    world.assert_by(LATER)


def test_asked_for_all_it_asks_for_each_dataset() -> None:
    world = Advancing()

    world.advance(dataset="")

    assert world.asked.published == [AdvanceSplits(dataset="tiny")]


@pytest.mark.parametrize("splits", [{}, {"splits": {"seed": 1}}], ids=["by time", "by key"])
def test_whole_numbers_of_a_column_that_became_float_are_rewritten_and_rows_stay_one_table(splits: Any) -> None:  # noqa: ANN401
    columns = [*COLUMNS, {"name": "i", "type": "integer", "nullable": True}]
    wider = [*COLUMNS, {"name": "i", "type": "float", "nullable": True}]
    world = Advancing(contract(columns=columns, **splits), files=0)

    def take(name: str, cells: list[str]) -> None:
        rows = [f"{name}{n},yes,1,2024-01-{n + 1:02},{cell}" for n, cell in enumerate(cells)]
        body = "\n".join(["id,y,f,at,i", *rows, ""]).encode()
        assert world.service.handle([world.drop(f"{name}.csv", body)]) == {}

    take("a", ["1", "", "9007199254740991"])
    world.changed(contract(columns=wider, **splits))
    take("b", ["1.5", "2"])
    assert len(types(world, "i")) == 2

    world.advance()

    assert types(world, "i") == {pl.Float64()}
    assert sorted(rows_on_main(world.lake)["i"].drop_nulls()) == [1.0, 1.5, 2.0, 9007199254740991.0]
    assert_whole(world.lake, world.contract)
    assert world.lake.commits[-1].rows == 0
    head = world.lake.head("")
    world.advance()
    assert world.lake.head("") == head


def types(world: World, column: str) -> set[pl.DataType]:
    return {table(world.lake, path).schema[column] for path in world.main if path.startswith("rows/")}


@pytest.mark.parametrize("call", ["download", "ensure_branch", "upload", "commit", "merge"])
@pytest.mark.parametrize("delivery", DELIVERIES)
def test_a_file_that_comes_while_rows_move_lies_by_the_borders_in_force(
    delivery: str, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = Advancing(contract(delivery=delivery, min_kept_fraction=0))
    world.changed(contract("2024-01-21", "2024-01-26", delivery=delivery, min_kept_fraction=0))
    during(world, call, lambda: world.take("1.csv", 21, 22, 40), monkeypatch)

    try:
        world.advance()
    except MergeConflictError:
        world.advance(attempts=2)

    world.assert_by(world.contract)
    assert 40 in world.days_in("test")
    assert list(world.lake.branch_commits) == ["main"]


def test_a_file_that_was_judged_by_earlier_borders_is_moved_later(monkeypatch: pytest.MonkeyPatch) -> None:
    world = Advancing()
    other = Advancing.__new__(Advancing)
    other.__dict__.update(world.__dict__)

    def moved() -> None:
        other.changed(LATER)
        other.advance()

    during(world, "commit", moved, monkeypatch)
    world.take("new.csv", 18, 19)

    assert len(behind(LATER, Index(world.lake, "", "main")).files) == 1
    other.advance()
    other.assert_by(LATER)


def test_packs_of_different_borders_are_not_put_together() -> None:
    world = Advancing()
    world.changed(LATER)
    compaction = Compaction(lake=world.lake, contract=LATER, name_prefix="lakeloop-test", git_sha="abc", threads=1)
    assert compaction.plan().groups == []
    world.advance()

    compaction.carry_out(compaction.plan(), lambda: 900)

    assert len({entry.place for _, entry in Index(world.lake, "", "main").entries()}) == 1
    world.assert_by(LATER)


def test_new_borders_are_taken_while_data_is_on_main_and_say_what_they_move() -> None:
    old, new = contract(gap="1d"), contract("2024-01-21", "2024-01-26", gap="2d")

    [change] = code_changes(old, new)

    assert str(change).startswith("splits.by.until: was 2024-01-11 and 2024-01-16, gap 1d, is 2024-01-21 and")
    assert refused_changes(old, new) == []
    assert refused_changes(old, tiny(columns=COLUMNS, splits={"by": {"column": "at", "every": "7d"}})) != []
    found = meaning(old, new)
    assert (found.moves_borders, found.moves_rows, found.touches_rows) == (True, False, False)
    assert "advance_splits" in found.consequences()["splits"]
    assert reading_digest(old) == reading_digest(new)


NOW = datetime(2024, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("newest", "expected"),
    [
        (date(2024, 1, 30), None),
        (date(2024, 1, 31), ("2024-01-21", "2024-01-26")),
        (date(2024, 2, 9), ("2024-01-21", "2024-01-26")),
        (date(2024, 2, 10), ("2024-01-31", "2024-02-05")),
        # A clock that is wrong moves nothing beyond today.
        (date(9999, 1, 1), ("2024-02-20", "2024-02-25")),
    ],
)
def test_borders_go_on_by_whole_steps_as_long_as_the_test_spans_enough(
    newest: date, expected: tuple[str, str] | None
) -> None:
    later = advanced(contract(retrain={"advance": "10d"}), newest, NOW)

    assert (laid(later)[:2] if later else None) == expected


def test_borders_of_timestamps_go_on_to_the_second() -> None:
    columns = [*COLUMNS[:3], {"name": "at", "type": "timestamp"}]
    given = contract("2024-01-11T06:00:00Z", "2024-01-16T06:00:00Z", columns=columns, retrain={"advance": "12h"})

    later = advanced(given, datetime(2024, 1, 21, 18, tzinfo=UTC), NOW)

    assert later is not None
    assert laid(later)[:2] == ("2024-01-11T18:00:00+00:00", "2024-01-16T18:00:00+00:00")


def test_main_advances_by_itself_and_goes_on_from_there_until_the_contract_says_otherwise() -> None:
    world = Advancing(contract(retrain={"advance": "5d", "min_new_rows": 1}))

    world.advance()

    found = in_force(world.contract, Index(world.lake, "", "main"))
    assert laid(found)[:2] == ("2024-01-16", "2024-01-21")
    world.assert_by(found)
    assert world.advance() == "rows before 2024-01-16 are learned from, those before 2024-01-21 choose the model"
    world.take("more.csv", 31, 32, 33, 34, 35, 36)
    world.advance()
    assert laid(in_force(world.contract, Index(world.lake, "", "main")))[0] == "2024-01-26"
    world.assert_by(in_force(world.contract, Index(world.lake, "", "main")))

    world.changed(contract("2024-01-12", "2024-01-17"))
    world.advance()
    world.assert_by(world.contract)
    assert laid(in_force(world.contract, Index(world.lake, "", "main"))) == laid(world.contract)


def test_deliveries_go_by_the_borders_that_main_advanced_to() -> None:
    world = Advancing(contract(retrain={"advance": "5d"}))
    world.advance()

    world.take("late.csv", 12, 22)

    assert world.days_in("train").count(12) == 2
    world.assert_by(in_force(world.contract, Index(world.lake, "", "main")))
