"""Numbers and splits of many rows at once are those of one row, which a request is."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeloop.contract import DatasetContract
from lakeloop.ingest.cells import DTYPES
from lakeloop.ingest.features import Indistinct, features_frame
from lakeloop.ingest.placing import key_texts, split_names
from lakeloop.values import Value
from lakeloop.values.codes import FeatureEncoder
from lakeloop.values.keys import key_text
from lakeloop.values.splits import split_of
from tests.data import tiny

COLUMNS: list[dict[str, Any]] = [
    {"name": "id", "type": "integer"},
    {"name": "y", "type": "category", "allowed": ["yes", "no"]},
    {"name": "f", "type": "float", "nullable": True},
    {"name": "i", "type": "integer", "nullable": True},
    {"name": "b", "type": "boolean", "nullable": True},
    {"name": "c", "type": "category", "allowed": ["a", "b"], "unlisted": "other", "nullable": True},
    {
        "name": "o",
        "type": "category",
        "allowed": ["a", "other"],
        "unlisted": "other",
        "encode": "onehot",
        "nullable": True,
    },
    {"name": "d", "type": "date", "feature": True, "nullable": True},
    {"name": "t", "type": "timestamp", "feature": True, "nullable": True},
    {"name": "s", "type": "string", "nullable": True},
    {"name": "k", "type": "string"},
]
DERIVED = [
    {"name": "product", "expression": "f * f"},
    {"name": "part", "expression": "f / i"},
    {"name": "hours", "expression": "hour(t)"},
    {"name": "long", "expression": "length(s)"},
]
ROWS = st.fixed_dictionaries(
    {
        "id": st.integers(-(2**63), 2**63 - 1),
        "y": st.sampled_from(["yes", "no"]),
        "f": st.none() | st.floats(-3.4e38, 3.4e38, allow_nan=False),
        "i": st.none() | st.integers(-(2**53), 2**53),
        "b": st.none() | st.booleans(),
        "c": st.none() | st.sampled_from(["a", "b", "z"]),
        "o": st.none() | st.sampled_from(["a", "other", "z"]),
        "d": st.none() | st.dates(),
        "t": st.none() | st.datetimes(timezones=st.just(UTC)),
        "s": st.none() | st.text("ab\u00e9 ", min_size=1, max_size=4),
        "k": st.text("ab\u00e9 ", min_size=1, max_size=4),
    }
)


def contract(**changes: object) -> DatasetContract:
    return tiny(columns=COLUMNS, derive=DERIVED, **changes)


def frame(rows: list[dict[str, Value | None]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={column["name"]: DTYPES[column["type"]] for column in COLUMNS})


@settings(max_examples=200, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=20))
def test_rows_of_a_file_are_the_vectors_that_requests_are(rows: list[dict[str, Value | None]]) -> None:
    encoder = FeatureEncoder(contract())

    features = features_frame(contract(), frame(rows)).drop("y")

    assert features.columns == encoder.names
    assert [list(row) for row in features.rows()] == [encoder.numbers(row) for row in rows]


def test_a_derived_number_beyond_32_bits_is_none() -> None:
    row: dict[str, Value | None] = {**dict.fromkeys((column["name"] for column in COLUMNS), None), "f": 1e30}

    numbers = dict(zip(FeatureEncoder(contract()).names, FeatureEncoder(contract()).numbers(row), strict=True))

    assert numbers["product"] is None
    assert features_frame(contract(), frame([{**row, "id": 1, "y": "no"}]))["product"].to_list() == [None]


@pytest.mark.parametrize(("positive", "codes"), [("true", [1.0, 0.0]), ("false", [0.0, 1.0])])
def test_a_boolean_is_learned_as_its_two_classes(positive: str, codes: list[float]) -> None:
    contract = tiny(label="t", positive_class=positive)
    rows = pl.DataFrame({"id": ["1", "2", "3"], "t": [True, False, None]})

    assert contract.classes[1] == positive
    assert features_frame(contract, rows)["t"].to_list() == codes


def test_a_listed_value_called_other_shares_the_number_of_unlisted_ones() -> None:
    encoder = FeatureEncoder(tiny(columns=[*COLUMNS[:2], COLUMNS[6]]))

    assert encoder.names == ["o=other", "o=a"]
    assert [encoder.numbers({"o": word}) for word in ("a", "other", "z", None)] == [
        [0.0, 1.0],
        [1.0, 0.0],
        [1.0, 0.0],
        [None, None],
    ]


@settings(max_examples=50, deadline=None)
@given(rows=st.lists(ROWS, min_size=1, max_size=20))
@pytest.mark.parametrize(
    ("key", "by"),
    [
        ("id", None),
        (["id", "k"], None),
        ([], None),
        ("id", "values"),
        ([], "values"),
        ("id", ["k", "y"]),
        ("id", {"column": "id", "every": 100}),
        ("id", {"column": "id", "until": {"train": "-10", "validation": "10"}, "gap": 5}),
    ],
)
def test_the_split_of_a_row_is_the_same_alone_and_among_others(
    key: object, by: object, rows: list[dict[str, Value | None]]
) -> None:
    split = contract(row_key=key, splits={"seed": 7, "by": by})

    assert split_names(split, frame(rows)).to_list() == [split_of(split, row) for row in rows]
    if split.row_key:
        keys = [key_text(value for name in split.row_key if (value := row[name]) is not None) for row in rows]
        assert key_texts(split, frame(rows)).to_list() == keys


@pytest.mark.parametrize(
    ("column", "until", "values"),
    [
        (
            {"name": "d", "type": "date", "format": "%d.%m.%Y"},
            {"train": "2024-03-01", "validation": "2024-04-01"},
            [date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 2), date(2024, 4, 1), date(2024, 4, 2)],
        ),
        (
            {"name": "d", "type": "date", "format": "%d.%m.%Y"},
            {"train": "01.03.2024", "validation": "01.04.2024"},
            [date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 2), date(2024, 4, 1), date(2024, 4, 2)],
        ),
        (
            {"name": "d", "type": "timestamp", "timezone": "Europe/Berlin"},
            {"train": "2024-03-01", "validation": "2024-04-01"},
            [
                datetime(2024, 2, 29, 22, 59, tzinfo=UTC),
                datetime(2024, 2, 29, 23, tzinfo=UTC),
                datetime(2024, 3, 1, 23, tzinfo=UTC),
                datetime(2024, 3, 31, 22, tzinfo=UTC),
                datetime(2024, 4, 1, 22, tzinfo=UTC),
            ],
        ),
    ],
)
def test_borders_of_time_are_written_in_iso_or_as_the_column_is(
    column: dict[str, object], until: dict[str, str], values: list[Value]
) -> None:
    split = tiny(columns=[*COLUMNS[:2], column], splits={"by": {"column": "d", "until": until, "gap": "1d"}})

    found = [split_of(split, {"id": 1, "y": "no", "d": value}) for value in values]

    assert found == ["train", "gap", "validation", "gap", "test"]


@pytest.mark.parametrize("rows_a_block", [1, 2, 3, 7])
def test_values_that_become_one_are_counted_alike_however_the_rows_come(rows_a_block: int) -> None:
    rows = pl.DataFrame({"f": [1.0, 2.0, 1.00000001, 2.00000001, 1.0, 1.00000001, 5.0], "i": [1] * 7})
    indistinct = Indistinct(tiny(), rows_at_once=4)

    for start in range(0, rows.height, rows_a_block):
        indistinct.add(rows[start : start + rows_a_block])

    # Both pairs lie among the first four rows, one of them among the others again.
    assert indistinct.notes() == {"different values of f that are one number to a model": 3}
