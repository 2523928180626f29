"""What requests held, as columns: quickly where it is written as usual, and the same as the gate reads it."""

import json

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from lakeloop.contract import DatasetContract
from lakeloop.monitoring.captured import InputReader, watched
from tests.data import tiny
from tests.unit.serving.asking import with_columns

ROWS = [
    {"id": "k1", "f": 1.5, "i": 7, "c": "b", "t": True},
    {"f": 0.1234567890123456789, "i": None, "c": None, "t": False},
    {"f": 10, "i": -3, "c": "a"},
    {"f": 1e-3, "i": 7.0, "c": "b", "t": None, "unheard": {"of": [1]}},
    {"f": 2, "c": 'a \u00e4 " \\ \u2028'},
    {},
]


def texts(*rows: object) -> pl.Series:
    return pl.Series([json.dumps(row) for row in rows])


def read(inputs: pl.Series, contract: DatasetContract | None = None) -> pl.DataFrame:
    contract = contract or tiny()
    reader = InputReader(contract, watched(contract, frozenset()))
    found = reader.frame(inputs)
    assert_frame_equal(found, reader.exactly(inputs))
    return found


def test_values_are_read_as_the_gate_reads_them() -> None:
    found = read(texts(*ROWS))

    assert found["f"].to_list() == [1.5, 0.12345678901234568, 10.0, 0.001, 2.0, None]
    assert found["i"].to_list() == [7, None, -3, 7, None, None]
    assert found["c"].to_list() == ["b", None, "a", "b", None, None]
    assert found["t"].to_list() == [True, False, None, None, None, None]


@pytest.mark.parametrize("written", [{"f": "1.5", "t": True}, {"f": 1.5, "t": "ja"}, {"f": 1.5, "c": "B"}])
def test_other_spellings_that_the_contract_knows_are_read_too(written: dict[str, object]) -> None:
    contract = with_columns(t={"true_values": ["ja"], "false_values": ["nein"]}, c={"ignore_case": True})

    found = read(texts(written, {"f": 2.5, "c": "a"}), contract)

    assert found["f"].to_list() == [1.5, 2.5]
    assert found["t"].to_list() == [True if "t" in written else None, None]
    assert found["c"].to_list() == ["b" if "c" in written else None, "a"]


def test_no_rows_and_no_columns_are_none() -> None:
    assert read(pl.Series([], dtype=pl.String)).height == 0
