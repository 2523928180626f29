"""Texts of typed values, for good: keys are compared by them and rows are split by them."""

import hashlib
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from lakeloop.values import Value
from lakeloop.values.keys import key_text, row_digest, value_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a b", "a b"),
        (True, "true"),
        (False, "false"),
        (1016, "1016"),
        (-3, "-3"),
        (2.5, "2.5"),
        (1e22, "1e+22"),
        (-0.0, "0.0"),
        (date(2024, 3, 1), "2024-03-01"),
        (datetime(2024, 3, 1, 12, 30, tzinfo=UTC), "2024-03-01T12:30:00+00:00"),
        (datetime(2024, 3, 1, 0, 30, tzinfo=timezone(timedelta(hours=2))), "2024-02-29T22:30:00+00:00"),
    ],
)
def test_a_value_has_one_text(value: Value, text: str) -> None:
    assert value_text(value) == text


def test_a_key_of_several_columns_and_a_row_are_told_by_all_their_parts() -> None:
    assert key_text(["17", 1, True]) == "17\x001\x00true"
    assert row_digest({"b": "x", "n": None, "a": "1"}) == hashlib.sha256(b"a\x001\x00b\x00x").hexdigest()
