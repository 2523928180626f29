"""How many committed rows a changed contract would read otherwise."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from lakeloop.contract.meaning import meaning
from lakeloop.ingest.rereading import columns_needed, touched
from tests.unit.contract.test_meaning import contract

ROWS = pl.DataFrame(
    {
        "id": ["1", "2", "3", "x"],
        "y": ["yes", "no", "yes", "no"],
        "f": [0.5, 1.0, 9.0, 10.0],
        "n": [1, None, -200, 4],
        "c": ["a", None, "b", "b"],
        "o": ["u", "w", "v", "u"],
        "m": ["u", None, None, "v"],
        "t": [True, False, True, False],
        "d": [date(2024, 1, 1)] * 4,
        "s": [datetime(2024, 1, 1, tzinfo=UTC)] * 4,
    },
    schema_overrides={"s": pl.Datetime("us", "UTC")},
)


@pytest.mark.parametrize(
    ("columns", "changes", "count"),
    [
        ({"c": {"allowed": ["a", "b", "x"]}}, {}, 0),
        ({"c": {"allowed": ["a"]}}, {}, 2),
        ({"c": {"nullable": False}}, {}, 1),
        ({"o": {"na_values": "w"}}, {}, 1),
        ({"c": {"na_values": "?"}}, {}, 0),
        ({"c": {"aliases": {"a": ["A"]}}}, {}, 0),
        ({"c": {"unlisted": "other"}}, {}, 0),
        ({"n": {"na_values": "-200.0"}}, {}, 1),
        ({"o": {"unlisted": "reject"}}, {}, 1),
        ({"o": {"unlisted": "missing"}}, {}, 1),
        ({"m": {"allowed": ["u", "v", "w"]}}, {}, 2),
        ({"m": {"allowed": ["u"]}}, {}, 3),
        ({"f": {"min": 1}}, {}, 1),
        ({"f": {"min": 1, "max": 9}, "c": {"nullable": False}}, {}, 3),
        ({"id": {"pattern": "[0-9]"}}, {}, 1),
        ({"n": {"type": "float"}}, {}, 3),
        ({"n": None}, {}, 0),
        ({"z": {"type": "float"}}, {}, 4),
        ({"z": {"type": "float", "nullable": True}}, {}, 0),
        ({"d": {"format": "%d.%m.%Y"}}, {}, 4),
        ({"s": {"timezone": "Europe/Berlin"}}, {}, 4),
        ({}, {"splits": {"seed": 1}}, 4),
        ({}, {"file": {"na_values": ["x"]}}, 1),
        ({}, {"file": {"delimiter": ";"}}, 4),
        ({}, {"description": "Another"}, 0),
        ({}, {"weight": "f"}, 0),
        ({"n": {"nullable": False}}, {"weight": "n"}, 2),
    ],
)
def test_rows_are_counted_that_would_read_otherwise(
    columns: dict[str, Any], changes: dict[str, Any], count: int
) -> None:
    new = contract(columns, **changes)
    found = meaning(contract(), new)

    assert touched(new, found, ROWS) == count
    assert (
        touched(
            new, found, ROWS.select("id", *(name for name in columns_needed(found) if name in ROWS and name != "id"))
        )
        == count
    )


def test_a_word_for_no_value_that_is_none_any_more_leaves_no_trace_so_empty_cells_count() -> None:
    old = contract({"c": {"na_values": ["?"]}})

    assert touched(contract(), meaning(old, contract()), ROWS) == 1


def test_rows_before_a_column_came_lack_it() -> None:
    old, new = (
        contract({"z": {"type": "category", "allowed": ["p"], "nullable": nullable}}) for nullable in (True, False)
    )

    assert touched(new, meaning(old, new), ROWS) == 4
