"""`lakeloop.data`: what a dataset held at a commit, and what changed, on every lakeFS that the loop runs on."""

from datetime import UTC, datetime

import polars as pl
import pytest

from lakeloop.client.errors import AdvisedError, MistakenNameError
from lakeloop.client.sql import query
from lakeloop.client.table import Table
from tests.contract.lakefs.servers import Server
from tests.contract.lakefs.versions import YOUNGER, World
from tests.world import ROWS


@pytest.fixture(scope="module")
def world(server: Server) -> World:
    return World(server)


def ids(frame: pl.DataFrame) -> list[str]:
    return sorted(frame["id"].to_list())


EXPECTED = sorted(row.split(",")[0] for row in ROWS)


def test_a_commit_keeps_its_rows_whatever_comes_later(world: World) -> None:
    assert ids(world.at(world.first.id).polars()) == sorted(row.split(",")[0] for row in ROWS[:10])
    assert ids(world.at(world.second.id).polars()) == EXPECTED
    assert world.at("main").commit.id == world.third.id


def test_splits_are_parts_of_the_rows_and_columns_are_those_of_the_contracts(world: World) -> None:
    table = world.at(world.second.id)

    parts = [table.train, table.validation, table.test]

    assert ids(pl.concat(parts, how="diagonal_relaxed")) == EXPECTED
    assert set(table.polars().columns) == {column.name for column in YOUNGER.columns}
    assert set(table.polars(origin=True).columns) - set(table.polars().columns) == {"_source", "_landed"}
    assert list(table.pandas("train")["id"]) == table.train["id"].to_list()
    assert table.features("train", table_recipe(table)).width > 0


def table_recipe(table: Table) -> str:
    """The recipe of the younger contract; its commit holds features of both."""
    return max(entry.path.split("/")[1] for entry in table.objects("features/"))


def test_a_moment_names_what_main_was_then(world: World) -> None:
    assert world.at(datetime.fromtimestamp(world.third.created + 5, UTC)).commit.id == world.third.id
    assert world.at(datetime.now(UTC).date()).commit.id == world.third.id
    assert world.at("2999-01-01").commit.id == world.third.id
    with pytest.raises(MistakenNameError, match="not there yet at 1999-12-31 23:59:59"):
        world.at("1999-12-31")
    with pytest.raises(MistakenNameError, match="no day or moment"):
        world.at("2026-13-41")
    with pytest.raises(MistakenNameError, match="no branch, tag or commit 'nobody'"):
        world.at("nobody")


def test_a_difference_tells_rows_by_their_key(world: World) -> None:
    changes = world.at("main").diff(world.second.id)

    assert ids(changes.removed) == [ROWS[9].split(",")[0]]
    assert changes.added.is_empty()
    assert ids(changes.changed) == ids(changes.before) == [ROWS[0].split(",")[0]]
    assert changes.changed["f"].to_list() == [7.5]
    assert ids(world.at("main").diff(world.first.id, world.second.id).added) == sorted(
        row.split(",")[0] for row in ROWS[10:]
    )


def test_a_commit_does_not_differ_from_itself(world: World) -> None:
    changes = world.at("main").diff("main")

    assert (changes.added.height, changes.removed.height, changes.changed.height) == (0, 0, 0)


def test_sql_asks_the_same_rows_and_nothing_else_of_the_machine(world: World) -> None:
    table = world.at(world.second.id)

    assert query(table, "select count(*) from rows").item() == len(ROWS)
    assert query(table, "select count(*) from train").item() == table.train.height
    assert query(table, "select count(z) from rows").item() == 0
    with pytest.raises(AdvisedError, match="refuses the query"):
        query(table, "select * from nowhere")
    with pytest.raises(AdvisedError, match="disabled"):
        query(table, "select * from read_csv('/etc/passwd')")
