"""What holds for every value, however it is written and wherever it comes from."""

import json as json_text
import string
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeloop.contract import DatasetContract
from lakeloop.values import RefusedValueError, Value
from lakeloop.values.canonical import canonical, cut
from lakeloop.values.codes import FeatureEncoder, rounded
from lakeloop.values.keys import key_text, row_digest
from lakeloop.values.splits import split_of
from tests.data import tiny
from tests.unit.values.cells import reader

ODD = st.text(st.sampled_from("aé\u0301\u200b\u200c\u200d\u00ad\ufeff \t\u00a0zع1"), max_size=8)
ANY_TEXT = st.one_of(st.text(max_size=12), ODD)
NUMBERS = st.one_of(st.integers(-(2**53), 2**53), st.floats(-1e15, 1e15, allow_nan=False))


@given(ANY_TEXT)
def test_the_canonical_form_of_a_canonical_form_is_itself(text: str) -> None:
    once = canonical(text)

    assert canonical(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not cut(once)


def read(type_: str, cell: object, *, typed: bool) -> Value | type[RefusedValueError] | None:
    column = reader(type_, allowed=["0", "1", "2.5"] if type_ == "category" else [])
    try:
        return column.json(cell) if typed else column.text(str(cell))
    except RefusedValueError:
        return RefusedValueError


@given(number=NUMBERS, type_=st.sampled_from(["float", "integer", "boolean", "category"]))
def test_a_number_of_json_and_the_text_of_the_same_number_are_one_value(number: float, type_: str) -> None:
    # A number has no sign where it is zero; a text does.
    number = number or abs(number)
    text = json_text.dumps(number)
    if type_ == "integer" and "e" in text:
        return

    assert read(type_, number, typed=True) == read(type_, text, typed=False)


@given(cell=st.one_of(ANY_TEXT, st.from_regex(r"[ +-]?[0-9]{1,4}(\.[0-9]{0,3})?(e-?[0-9])?%?", fullmatch=True)))
@pytest.mark.parametrize("type_", ["float", "integer", "boolean", "category", "string", "date", "timestamp"])
def test_a_text_in_a_request_is_what_it_is_in_a_file(cell: str, type_: str) -> None:
    assert read(type_, cell, typed=True) == read(type_, cell, typed=False)


@given(
    value=st.integers(-(2**53), 2**53), zeros=st.integers(0, 3), space=st.sampled_from(["", " ", "\u00a0", "\u200b"])
)
def test_all_spellings_of_a_number_are_one_key_in_one_split(value: int, zeros: int, space: str) -> None:
    contract = keyed("integer")
    spellings = [
        str(value),
        f"{space}{value}{space}",
        f"{value}.{'0' * zeros}",
        f"+{value}" if value >= 0 else str(value),
    ]
    rows = [{"id": reader("integer").text(spelling)} for spelling in spellings]

    assert len({key_text([row["id"]]) for row in rows if row["id"] is not None}) == 1
    assert len({split_of(contract, row) for row in rows}) == 1


def keyed(type_: str) -> DatasetContract:
    first, *others = tiny().columns
    return tiny(columns=[first.model_copy(update={"type": type_}), *others])


@given(st.lists(st.tuples(st.text(string.ascii_letters, min_size=1), st.text(min_size=1)), max_size=6))
def test_columns_without_a_value_do_not_change_a_digest(pairs: list[tuple[str, str]]) -> None:
    row: dict[str, str | None] = dict(pairs)

    assert row_digest(row) == row_digest({**dict(reversed(row.items())), "new": None})


def test_parts_of_a_key_are_kept_apart() -> None:
    assert key_text(["17", "11"]) != key_text(["171", "1"])


@given(st.floats(-3e38, 3e38, allow_nan=False))
def test_a_feature_is_the_nearest_number_of_32_bits(number: float) -> None:
    single = rounded(number)

    assert single is not None
    assert rounded(single) == single
    assert single == pytest.approx(number, rel=2**-24, abs=2**-149)


@given(number=st.floats(0, 10), text=st.booleans())
@settings(max_examples=30)
def test_a_row_is_one_vector_however_its_values_are_written(number: float, text: bool) -> None:
    encoder = FeatureEncoder(tiny())
    cells: dict[str, object] = {"f": number, "i": 3.0, "c": "b", "t": True}
    written = {name: str(cell) if text else cell for name, cell in cells.items()}
    columns = {column.name: column for column in tiny().features}
    row = {
        name: reader(columns[name].type, allowed=["a", "b"] if name == "c" else []).json(cell)
        for name, cell in written.items()
    }

    assert encoder.numbers(row) == [rounded(number), 3.0, 2.0, 1.0]
    assert encoder.names == ["f", "i", "c", "t"]
