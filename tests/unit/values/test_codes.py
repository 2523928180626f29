"""Typed values as numbers, for good: a model that learned one number may never be asked with another."""

from datetime import UTC, date, datetime

import pytest

from lakeloop.contract import Column
from lakeloop.values import Value
from lakeloop.values.codes import FeatureEncoder, asked_columns, vector_names
from tests.data import tiny

KEY = {"name": "id", "type": "string"}
LABEL = {"name": "y", "type": "category", "allowed": ["yes", "no"]}


@pytest.mark.parametrize(
    ("column", "value", "numbers"),
    [
        ({"type": "float"}, 2.5, [2.5]),
        ({"type": "float"}, 3.4028235677973366e38, [None]),
        ({"type": "boolean"}, True, [1.0]),
        ({"type": "boolean"}, False, [0.0]),
        ({"type": "date"}, date(1970, 1, 1), [0.0]),
        ({"type": "date"}, date(1969, 12, 30), [-2.0]),
        ({"type": "date"}, date(2024, 3, 1), [19783.0]),
        ({"type": "timestamp"}, datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC), [1.5]),
        ({"type": "timestamp"}, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), [-1.0]),
        ({"type": "category", "allowed": ["a", "b"]}, "a", [1.0]),
        ({"type": "category", "allowed": ["a", "b"]}, "b", [2.0]),
        ({"type": "category", "allowed": ["a", "b"], "unlisted": "other"}, "z", [0.0]),
        ({"type": "category", "allowed": ["a", "b"], "encode": "onehot"}, "b", [0.0, 1.0]),
        ({"type": "category", "allowed": ["a", "b"], "encode": "onehot"}, None, [None, None]),
        ({"type": "category", "allowed": ["a", "b"], "encode": "onehot", "unlisted": "other"}, "b", [0.0, 0.0, 1.0]),
        ({"type": "category", "allowed": ["a", "b"], "encode": "onehot", "unlisted": "other"}, "z", [1.0, 0.0, 0.0]),
        ({"type": "category", "allowed": ["a", "z"], "encode": "onehot", "unlisted": "missing"}, "z", [0.0, 1.0]),
    ],
)
def test_a_value_is_its_numbers(column: dict[str, object], value: Value | None, numbers: list[float | None]) -> None:
    encoder = FeatureEncoder(tiny(columns=[KEY, LABEL, {"name": "x", "feature": True, "nullable": True, **column}]))

    assert encoder.numbers({"x": value}) == numbers
    assert len(encoder.names) == len(numbers)


@pytest.mark.parametrize(
    ("unlisted", "names"),
    [
        ("reject", ["x=a", "x=other", "x=b"]),
        ("missing", ["x=a", "x=other", "x=b"]),
        ("other", ["x=other", "x=a", "x=b"]),
    ],
)
def test_flags_are_named_by_their_values_and_other_stands_first_where_it_is_let_in(
    unlisted: str, names: list[str]
) -> None:
    column = {"name": "x", "type": "category", "allowed": ["a", "other", "b"], "encode": "onehot", "unlisted": unlisted}

    assert vector_names(Column.model_validate(column)) == names


def test_a_request_is_asked_for_what_derived_features_are_made_of_once_each() -> None:
    columns = [KEY, LABEL, *({"name": name, "type": "float"} for name in "fg"), {"name": "s", "type": "string"}]
    derive = [{"name": "r", "expression": "f / g"}, {"name": "n", "expression": "length(s)"}]

    asked = asked_columns(tiny(columns=columns, derive=derive))

    assert [column.name for column in asked] == ["f", "g", "s"]


def test_a_text_is_no_number() -> None:
    contract = tiny(columns=[KEY, LABEL, {"name": "f", "type": "float"}])

    with pytest.raises(TypeError, match="f, a float, is no number"):
        FeatureEncoder(contract).numbers({"f": "1.0"})
