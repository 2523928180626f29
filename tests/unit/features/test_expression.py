"""Derived features: refused with what was expected, and the same number for a table as for one row."""

import math
from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeloop.contract import Column
from lakeloop.features import ExpressionError, parse
from lakeloop.features.expression import FUNCTIONS
from lakeloop.features.frames import compiled
from lakeloop.features.nodes import Row
from lakeloop.ingest.cells import DTYPES

COLUMNS = {
    column.name: column
    for column in (
        Column(name="debt", type="float"),
        Column(name="income", type="integer"),
        Column(name="member", type="boolean"),
        Column(name="plan", type="category", allowed=("basic", "pro")),
        Column(name="region", type="category", allowed=("north", "south", "west")),
        Column(name="note", type="string"),
        Column(name="opened", type="date"),
        Column(name="seen", type="timestamp", timezone="Europe/Berlin"),
        Column(name="left", type="timestamp"),
    )
}
GOLD: Row = {"plan": "gold", "region": "west"}
ROW: Row = {
    "debt": 30.0,
    "income": 120,
    "member": True,
    "plan": "pro",
    "region": "south",
    "note": "häuser",
    "opened": date(2024, 2, 29),
    "seen": datetime(2024, 3, 1, 23, 30, tzinfo=UTC),
    "left": datetime(2024, 3, 2, 11, 30, tzinfo=UTC),
}


def frame(*rows: Row) -> pl.DataFrame:
    return pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in COLUMNS},
        schema={name: DTYPES[column.type] for name, column in COLUMNS.items()},
    )


@pytest.mark.parametrize(
    ("expression", "number"),
    [
        ("debt / income", 0.25),
        ("-(debt - income) * 2 + 0.5", 180.5),
        ("debt / (income - 120)", None),
        ("sqrt(debt - income)", None),
        ("log1p(debt)", math.log1p(30)),
        ("abs(debt - income)", 90),
        ("min(debt, income, 7)", 7),
        ("max(debt, income)", 120),
        ("clip(debt, 0, 10)", 10),
        ("bucket(debt, 10, 30, 50)", 2),
        ("bucket(debt, 10, 30.5)", 1),
        ("member * debt", 30),
        ("cross(plan, region)", 5),
        ("length(note)", 6),
        ("length(plan)", 3),
        ("year(opened)", 2024),
        ("month(seen)", 3),
        ("day(seen)", 2),
        ("hour(seen)", 0),
        ("hour(left)", 11),
        ("weekday(opened)", 4),
        ("days(opened, seen)", 47.5 / 24),
        ("days(left, seen)", -0.5),
        ("0 * -debt", 0),
        ("clip(debt, 40, 50)", 40),
        ("clip(debt, 5, 5)", 5),
        ("bucket(income, 10, 30, 50)", 3),
        ("bucket(debt, 31)", 0),
        ("cross(region, plan)", 4),
        ("min(debt, income, 30.5, 29)", 29),
        ("max(1, debt, 2)", 30),
        ("year(left)", 2024),
        ("weekday(seen)", 6),
        ("days(seen, opened)", -47.5 / 24),
    ],
)
def test_an_expression_gives_one_number_for_a_row_and_for_a_table(expression: str, number: float | None) -> None:
    derivation = parse(expression, COLUMNS)

    assert derivation.value(ROW) == number
    in_table = frame(ROW).select(compiled(derivation)).to_series().to_list()
    assert in_table == [number]
    assert "-0.0" not in (str(derivation.value(ROW)), str(in_table[0]))


@pytest.mark.parametrize(
    "expression", ["debt / income", "max(debt, 1)", "cross(plan, region)", "bucket(debt, 1)", "year(opened)"]
)
def test_a_missing_operand_gives_no_value(expression: str) -> None:
    derivation = parse(expression, COLUMNS)

    assert derivation.value({}) is None
    assert frame({}).select(compiled(derivation)).to_series().to_list() == [None]


@pytest.mark.parametrize("row", [{"plan": "pro", "region": "east"}, {"plan": "gold", "region": "north"}])
def test_each_of_two_categories_may_be_unlisted(row: Row) -> None:
    derivation = parse("cross(plan, region)", COLUMNS)

    assert derivation.value(row) == 0
    assert frame(row).select(compiled(derivation)).to_series().to_list() == [0]


@pytest.mark.parametrize(
    ("expression", "number"),
    [
        ("debt".ljust(500), 30),
        ("-" * 20 + "debt", 30),
        ("-" * 18 + "1 * debt", 30),
        (" + ".join(["debt"] * 21), 630),
        (" + ".join(["debt"] * 20) + " / 0", None),
    ],
)
def test_an_expression_may_be_as_long_and_as_deep_as_its_limits(expression: str, number: float | None) -> None:
    """A table's expression that doubled with every level would not end."""
    derivation = parse(expression, COLUMNS)

    assert derivation.value(ROW) == number
    assert frame(ROW, {}).select(compiled(derivation)).to_series().to_list() == [number, None]
    assert frame().select(compiled(derivation)).to_series().to_list() == []


def test_a_category_that_is_not_listed_crosses_to_the_code_of_others() -> None:
    derivation, row = parse("cross(plan, region)", COLUMNS), GOLD

    assert derivation.value(row) == 0
    assert frame(row).select(compiled(derivation)).to_series().to_list() == [0]


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("debt /", "expected an expression such as debt / income, found debt /"),
        ("rent / debt", "expected one of debt, income, member, plan, region, note, opened, seen, left, found rent"),
        ("plan + 1", "expected numbers in +, found a category"),
        ("plan", "expected a number as its result, found a category: use it in a function"),
        ("debt ** 2", "expected columns, numbers, + - * / ( ) and functions, found debt ** 2"),
        ("debt if member else 0", "expected columns, numbers, + - * / ( ) and functions, found debt if member else 0"),
        (
            "__import__('os')",
            f"expected one of {', '.join(FUNCTIONS)}, found __import__()",
        ),
        ("debt / " * 9, f"expected an expression such as debt / income, found {('debt / ' * 9)[:40]}"),
        ("debt.real", "expected columns, numbers, + - * / ( ) and functions, found debt.real"),
        ("'a'", "expected columns, numbers, + - * / ( ) and functions, found 'a'"),
        ("2 + 1", "expected a column, found none"),
        ("True + 1", "expected a column, a number or a function, found True"),
        ("log1p(debt, income)", "expected 1 arguments of log1p, found 2"),
        ("min(debt)", "expected at least 2 arguments of min, found 1"),
        ("clip(debt, 10, 0)", "expected the lower limit of clip first, found 10 before 0"),
        ("clip(debt, 0, income)", "expected numbers as limits of clip, found a column"),
        ("bucket(debt, 20, 10)", "expected edges of bucket that grow, found 20, 10"),
        ("cross(plan, debt)", "expected two categories in cross, found category, number"),
        ("hour(opened)", "expected one timestamp in hour, found moment"),
        ("days(opened, debt)", "expected two dates or timestamps in days, found moment, number"),
        ("length(debt)", "expected one text or category in length, found number"),
        ("1" + "0" * 400 + " * debt", f"expected numbers up to about 1.8e308, found 1{'0' * 39}"),
        ("debt * 1e999", "expected numbers up to about 1.8e308, found inf"),
        ("log1p()", "expected 1 arguments of log1p, found 0"),
        ("clip(debt, 1)", "expected 3 arguments of clip, found 2"),
        ("clip(debt, 1, 2, 3)", "expected 3 arguments of clip, found 4"),
        ("bucket(debt)", "expected at least 2 arguments of bucket, found 1"),
        ("bucket(debt, 10, 10)", "expected edges of bucket that grow, found 10, 10"),
        ("cross(plan)", "expected two categories in cross, found category"),
        ("cross(plan, region, plan)", "expected two categories in cross, found category, category, category"),
        ("cross()", "expected two categories in cross, found none"),
        ("year()", "expected one date or timestamp in year, found none"),
        ("year(debt)", "expected one date or timestamp in year, found number"),
        ("days(opened)", "expected two dates or timestamps in days, found moment"),
        ("days()", "expected two dates or timestamps in days, found none"),
        ("length()", "expected one text or category in length, found none"),
        ("length(note, note)", "expected one text or category in length, found text, text"),
        ("note", "expected a number as its result, found a text: use it in a function"),
        ("debt".ljust(501), "expected at most 500 characters, found 501"),
        ("-" * 21 + "debt", "expected at most 20 levels, found more"),
        ("-" * 30 + "debt", "expected at most 20 levels, found more"),
        ("debt+" * 200 + "debt", "expected at most 500 characters, found 1004"),
    ],
)
def test_what_is_no_derived_feature_is_refused_with_what_was_expected(expression: str, said: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse(expression, COLUMNS)

    assert str(refused.value) == said


def test_a_cross_of_too_many_pairs_is_refused() -> None:
    many = Column(name="many", type="category", allowed=tuple(map(str, range(501))))

    for_all = many.model_copy(update={"allowed": many.allowed[:500]})
    assert parse("cross(plan, many)", {**COLUMNS, "many": for_all})
    with pytest.raises(ExpressionError, match="at most 1,000 pairs in cross, found 1,002"):
        parse("cross(plan, many)", {**COLUMNS, "many": many})


NUMBERS = st.one_of(st.none(), st.floats(allow_nan=False, width=64), st.sampled_from([0.0, -0.0, 1e308, -1.0]))
EXPRESSIONS = st.recursive(
    st.sampled_from(["debt", "income", "member", "2", "0.5"]),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("{}({})".format, st.sampled_from(["log1p", "sqrt", "abs", "-"]), inner),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner),
        st.builds("bucket({}, 0, 1, 10)".format, inner),
        st.builds("clip({}, -1, 1)".format, inner),
    ),
    max_leaves=8,
)


@given(expression=EXPRESSIONS, debts=st.lists(NUMBERS, min_size=1, max_size=5), income=st.integers(-(2**63), 2**63 - 1))
@settings(deadline=None, max_examples=200)
def test_a_table_and_its_rows_one_by_one_give_the_same_numbers(
    expression: str, debts: list[float | None], income: int
) -> None:
    derivation = parse(f"{expression} + debt", COLUMNS)
    rows: list[Row] = [{"debt": debt, "income": income, "member": True} for debt in debts]

    table = frame(*rows).select(compiled(derivation).cast(pl.Float32)).to_series().to_list()

    one_by_one = pl.Series([derivation.value(row) for row in rows], dtype=pl.Float64).cast(pl.Float32).to_list()
    assert table == one_by_one
