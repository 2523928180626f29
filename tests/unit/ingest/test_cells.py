"""Cells of a column in bulk: never another value, nor another verdict, than cell by cell."""

import json
import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeloop.contract import Column, FileFormat
from lakeloop.ingest.cells import ColumnReader
from lakeloop.ingest.vouching import LETTERS, spellings, vouched
from lakeloop.tables import Form
from lakeloop.values import RefusedValueError, Value
from lakeloop.values.canonical import canonical
from tests.unit.values.cells import reader

NULLS = {"na_values": ["NA", "-200", "9999-12-31", " ? "]}
COLUMNS: dict[str, tuple[str, dict[str, Any]]] = {
    "float": ("float", {}),
    "float with limits": ("float", {"min": -10, "max": 1e6}),
    "float with a comma": ("float", {"decimal": ",", "thousands": "."}),
    "float with a decimal comma": ("float", {"decimal": ","}),
    "integer": ("integer", {}),
    "integer with a decimal comma": ("integer", {"decimal": ","}),
    "integer with limits": ("integer", {"min": 0.5, "max": 99.5}),
    "boolean": ("boolean", {}),
    "category": ("category", {"allowed": ["1", "2.5", "-3"]}),
    "string": ("string", {}),
    "date": ("date", {}),
    "date with a format": ("date", {"format": "%d.%m.%Y"}),
    "timestamp": ("timestamp", {}),
    "timestamp of Berlin": ("timestamp", {"timezone": "Europe/Berlin"}),
}
NUMBER = r"[+-]?0{0,2}[0-9]{0,17}[.,]?[0-9]{0,17}([eE][+-]?[0-9]{1,3})?"
MOMENT = r"[0-9]{4}-[0-3][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-6][0-9](:[0-6][0-9](\.[0-9]{1,7})?)?(Z|\+02:00)?)?"
CELLS = st.one_of(
    st.from_regex(NUMBER, fullmatch=True),
    st.from_regex(MOMENT, fullmatch=True),
    st.from_regex(r"[0-3][0-9]\.[01][0-9]\.[0-9]{4}", fullmatch=True),
    st.sampled_from(["", "NA", "?", "-200", "-200.0", "9999-12-31", "true", "0", "1.0", '="01"', "8.80E+12", "'00123"]),
    st.text("a1 \t\u00a0\u200be\u0301\u001f\u0000.-+", max_size=6),
    st.text("aä \u0308\u3099かЙи\u0306가\u11a8Ω\u2126ñ東\u00d7", max_size=6),
)


def in_bulk(cells: pl.Series, form: Form, type_: str, **options: Any) -> list[Value | str | None]:  # noqa: ANN401
    """The values, or the rules against them behind an exclamation mark."""
    column = Column.model_validate({"name": "c", "type": type_, "nullable": True, **options})
    read = ColumnReader(column, FileFormat(), feature=True).read(cells, form)
    found: list[Value | str | None] = read.values.to_list()
    for place, rule in read.refusals.select("place", "rule").iter_rows():
        found[place] = f"! {rule}"
    return found


def one_by_one(cells: list[str], type_: str, **options: Any) -> list[Value | str | None]:  # noqa: ANN401
    exact = reader(type_, **options)
    answers: list[Value | str | None] = []
    for cell in cells:
        try:
            answers.append(exact.text(cell))
        except RefusedValueError as error:
            answers.append(f"! {error.rule}")
    return answers


def test_letters_that_are_vouched_for_are_the_same_whatever_stands_beside_them() -> None:
    letters = [chr(code) for code in range(0x10000) if re.fullmatch(f"[{LETTERS}]", chr(code))]

    assert len(letters) > 30_000
    assert [letter for letter in letters if canonical(letter) != letter] == []
    # Only what composes with a letter before it changes beside others.
    assert [letter for letter in letters if unicodedata.combining(letter)] == []
    whole = "".join(letters)
    for text in (whole, whole[::-1], " ".join(letters)):
        assert canonical(text) == text


@settings(max_examples=60, deadline=None)
@given(cells=st.lists(CELLS, min_size=1, max_size=30))
@pytest.mark.parametrize("kind", COLUMNS)
def test_cells_in_bulk_are_what_they_are_one_by_one(kind: str, cells: list[str]) -> None:
    type_, options = COLUMNS[kind]

    found = in_bulk(pl.Series(cells, dtype=pl.String), Form.TEXT, type_, **options, **NULLS)

    assert found == one_by_one(cells, type_, **options, **NULLS)


NEAR_PLAIN = st.one_of(
    st.from_regex(r"[-+ ]?0?[0-9]{1,4}\.?[0-9]{0,12}([eE]-?[0-9]{1,3})?[ .0]?", fullmatch=True),
    st.sampled_from(["inf", "-inf", "nan", "1_0", "1e5", "0.", "-0", "-0.0", "0.00", "00", "1e-330", "1:0", "\u0661"]),
    st.sampled_from(
        ["True", "FALSE", "true ", "yes", "No", "2.50", "2.5", "-3", "?", "@", "=a", "'1", "a\u200bb", "a\tb"]
    ),
)


@settings(max_examples=100, deadline=None)
@given(cells=st.lists(NEAR_PLAIN, min_size=1, max_size=30))
@pytest.mark.parametrize("kind", ["float", "float with limits", "integer", "boolean", "category", "string"])
def test_what_is_vouched_for_has_the_value_that_it_is_defined_to_have(kind: str, cells: list[str]) -> None:
    type_, options = COLUMNS[kind]
    column = Column.model_validate({"name": "c", "type": type_, "nullable": True, **options})
    exact = reader(type_, **options)
    words: dict[str, Value | None] = {word: exact.text(word) for word in spellings(column)}

    for vouch in vouched(column, FileFormat(), words):
        for cell, value in zip(cells, pl.select(vouch(pl.lit(pl.Series(cells)))).to_series(), strict=True):
            assert value is None or repr(value) == repr(exact.text(cell))


@settings(max_examples=60, deadline=None)
@given(numbers=st.lists(st.from_regex(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?", fullmatch=True), min_size=1))
@pytest.mark.parametrize("kind", ["float", "integer", "boolean", "category"])
def test_a_number_of_json_lines_is_the_number_of_csv(kind: str, numbers: list[str]) -> None:
    type_, options = COLUMNS[kind]

    of_json = in_bulk(pl.Series(numbers), Form.JSON, type_, **options, **NULLS)

    assert of_json == in_bulk(pl.Series(numbers), Form.TEXT, type_, **options, **NULLS)


@pytest.mark.parametrize("cell", ["1" * 400, "1" * 5000, "1e999999999", json.dumps("\ud800"), "[1]", "{}"])
@pytest.mark.parametrize("kind", COLUMNS)
def test_no_json_whatever_breaks_a_column(kind: str, cell: str) -> None:
    type_, options = COLUMNS[kind]

    [found] = in_bulk(pl.Series([cell]), Form.JSON, type_, **options)

    assert isinstance(found, str)
    assert found.startswith("! ") or type_ == "string"


@pytest.mark.parametrize(
    ("cells", "type_", "value"),
    [
        (pl.Series([datetime(2024, 3, 1, 5, tzinfo=UTC)]), "timestamp", datetime(2024, 3, 1, 5, tzinfo=UTC)),
        (pl.Series([4 * 10**17]).cast(pl.Datetime("us", "UTC")), "timestamp", "! type: timestamp"),
        (pl.Series([4 * 10**17]).cast(pl.Datetime("us")), "string", "! type: string"),
        (pl.Series([4 * 10**6], dtype=pl.Int32).cast(pl.Date), "date", "! type: date"),
        (pl.Series([-(10**6)], dtype=pl.Int32).cast(pl.Date), "date", "! type: date"),
        (pl.Series([17 * 10**17 + 1]).cast(pl.Datetime("ns")), "timestamp", "! type: timestamp"),
        (pl.Series([17 * 10**17]).cast(pl.Datetime("ns")), "timestamp", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        (pl.Series([[1, 2]]), "string", "! type: string"),
        (pl.Series([{"a": 1}]), "float", "! type: float"),
        (pl.Series([timedelta(1)]), "string", "! type: string"),
        (pl.Series([time(5)]), "timestamp", "! type: timestamp"),
        (pl.Series([Decimal("1.10")]), "float", 1.1),
        (pl.Series([0.1], dtype=pl.Float32), "float", 0.1),
        (pl.Series([date(9999, 12, 31)]), "date", None),
        (pl.Series([float("nan")]), "float", None),
        (pl.Series([True]), "category", "! one of 1, 2.5, -3"),
    ],
)
def test_a_cell_of_parquet_is_taken_exactly_or_refused(cells: pl.Series, type_: str, value: Value | None) -> None:
    options = COLUMNS["category"][1] if type_ == "category" else {}

    [found] = in_bulk(cells, Form.TYPED, type_, **options, **NULLS)

    assert found == value if not isinstance(value, str) else str(found).startswith(value)
