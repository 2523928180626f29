"""What a change of a contract means: nothing, another recipe, a wider reading, another reading."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeloop.contract import Column, DatasetContract, FileFormat
from lakeloop.contract.digest import reading_digest, recipe_digest
from lakeloop.contract.meaning import NO_DATA, meaning, readings_kept
from tests.data import tiny

BASE: list[dict[str, Any]] = [
    {"name": "id", "type": "string"},
    {"name": "y", "type": "category", "allowed": ["yes", "no"]},
    {"name": "f", "type": "float", "min": 0, "max": 10},
    {"name": "n", "type": "integer", "nullable": True},
    {"name": "c", "type": "category", "allowed": ["a", "b"], "nullable": True},
    {"name": "o", "type": "category", "allowed": ["u", "v"], "unlisted": "other"},
    {"name": "m", "type": "category", "allowed": ["u", "v"], "unlisted": "missing"},
    {"name": "t", "type": "boolean"},
    {"name": "d", "type": "date"},
    {"name": "s", "type": "timestamp", "timezone": "UTC"},
]


def contract(columns: dict[str, dict[str, Any] | None] | None = None, **changes: Any) -> DatasetContract:  # noqa: ANN401
    """The contract above with other keys of some columns, without those that are None, and with new ones."""
    changed = columns or {}
    known = [column["name"] for column in BASE]
    kept = [
        {**column, **(changed.get(column["name"]) or {})}
        for column in BASE
        if changed.get(column["name"], {}) is not None
    ]
    new = [{"name": name, **(keys or {})} for name, keys in changed.items() if name not in known]
    return tiny(columns=[*kept, *new], **changes)


CASES: dict[str, tuple[DatasetContract, str, str, str]] = {
    # What it is called, what it is, the first change and the rows it touches.
    "words about it": (contract(description="Another"), "nothing", "", ""),
    "words about a column": (contract({"f": {"description": "Fare"}}), "nothing", "", ""),
    "training": (contract(retrain={"min_new_rows": 7}), "nothing", "", ""),
    "limits of a file": (contract(quality={"min_rows": 9}), "nothing", "", ""),
    "feature left out": (contract({"f": {"feature": False}}), "recipe", "", ""),
    "flags": (contract({"c": {"encode": "onehot"}}), "recipe", "", ""),
    "derived feature": (contract(derive=[{"name": "g", "expression": "f / n"}]), "recipe", "", ""),
    "positive class": (contract(positive_class="no"), "recipe", "", ""),
    "values in another order": (contract({"c": {"allowed": ["b", "a"]}}), "recipe", "", ""),
    "word listed that was let in": (contract({"o": {"allowed": ["u", "v", "w"]}}), "recipe", "", ""),
    "word let in that was listed": (contract({"o": {"allowed": ["u"]}}), "recipe", "", ""),
    "value at the end": (contract({"c": {"allowed": ["a", "b", "x"]}}), "widened", "columns.c.allowed", "no"),
    "value in the middle": (contract({"c": {"allowed": ["a", "x", "b"]}}), "widened", "columns.c.allowed", "no"),
    "nullable": (contract({"f": {"nullable": True}}), "widened", "columns.f.nullable", "no"),
    "nullable column": (contract({"z": {"type": "float", "nullable": True}}), "widened", "columns.z", "no"),
    "lower limit": (contract({"f": {"min": -1}}), "widened", "columns.f.min", "no"),
    "no limit": (contract({"f": {"max": None}}), "widened", "columns.f.max", "no"),
    "word for true": (contract({"t": {"true_values": ["ja", "true", "1"]}}), "widened", "columns.t.true_values", "no"),
    "sign that may stand": (contract({"f": {"prefix": ["$", ""]}}), "widened", "columns.f.prefix", "no"),
    "zeros that may stand": (contract({"n": {"leading_zeros": True}}), "widened", "columns.n.leading_zeros", "no"),
    "either case": (contract({"c": {"ignore_case": True}}), "widened", "columns.c.ignore_case", "no"),
    "columns passed over": (contract(file={"unlisted_columns": "ignore"}), "widened", "file.unlisted_columns", "no"),
    "value gone": (contract({"c": {"allowed": ["a"]}}), "changed", "columns.c.allowed", "told"),
    "required": (contract({"c": {"nullable": False}}), "changed", "columns.c.nullable", "told"),
    "value listed that was read as none": (
        contract({"m": {"allowed": ["u", "v", "w"]}}), "changed", "columns.m.allowed", "empty",
    ),
    "word for no value": (contract({"c": {"na_values": "b"}}), "changed", "columns.c.na_values", "told"),
    "word for no value anywhere": (contract(file={"na_values": ["?"]}), "changed", "columns.id.na_values", "told"),
    "other spelling": (contract({"c": {"aliases": {"a": ["A"]}}}), "changed", "columns.c.aliases", "told"),
    "others let in": (contract({"c": {"unlisted": "other"}}), "changed", "columns.c.unlisted", "told"),
    "closer limit": (contract({"f": {"min": 1}}), "changed", "columns.f.min", "told"),
    "pattern": (contract({"id": {"pattern": "[0-9]+"}}), "changed", "columns.id.pattern", "told"),
    "sign that must stand": (contract({"f": {"prefix": "$"}}), "changed", "columns.f.prefix", "all"),
    "decimal comma": (contract(file={"decimal": ","}), "changed", "columns.f.decimal", "all"),
    "day first": (contract({"d": {"format": "%d.%m.%Y"}}), "changed", "columns.d.format", "all"),
    "clock": (contract({"s": {"timezone": "Europe/Berlin"}}), "changed", "columns.s.timezone", "all"),
    "header": (contract({"f": {"header": "Fare"}}), "changed", "columns.f.header", "all"),
    "type": (contract({"n": {"type": "float"}}), "changed", "columns.n.type", "all"),
    "column gone": (contract({"n": None}), "changed", "columns.n", "no"),
    "column skipped": (contract({"n": {"type": "skip", "nullable": False}}), "changed", "columns.n", "no"),
    "required column": (contract({"z": {"type": "float"}}), "changed", "columns.z", "all"),
    "delimiter": (contract(file={"delimiter": ";"}), "changed", "file.delimiter", "all"),
    "key": (contract(row_key=("id", "f")), "changed", "row_key", "all"),
    "seed": (contract(splits={"seed": 3}), "changed", "splits", "all"),
    "groups": (contract(splits={"by": "c"}), "changed", "splits", "all"),
    "repeats": (contract(repeats="last"), "changed", "repeats", "all"),
    "delivery": (contract(delivery="upsert"), "changed", "delivery", "all"),
    "weight": (contract(weight="f"), "changed", "weight", "told"),
}  # fmt: skip


@pytest.mark.parametrize(("new", "kind", "path", "rows"), CASES.values(), ids=CASES)
def test_a_change_is_what_it_does_to_rows_and_numbers(new: DatasetContract, kind: str, path: str, rows: str) -> None:
    found = meaning(contract(), new)

    assert found.kind == kind
    assert [(change.path, change.rows) for change in found.reading[:1]] == ([(path, rows)] if path else [])


def test_a_header_under_one_more_spelling_widens_and_under_one_less_does_not() -> None:
    one, two = contract({"f": {"header": ["Fare"]}}), contract({"f": {"header": ["Fare", "Price"]}})

    assert (meaning(one, two).kind, meaning(two, one).kind) == ("widened", "changed")


ONE_ALIAS = contract({"c": {"aliases": {"a": ["A"]}}})


@pytest.mark.parametrize(
    ("aliases", "rows"),
    [
        ({"a": ["A", "AA"]}, "told"),
        ({"a": ["A"], "b": ["B"]}, "told"),
        ({"a": ["AA"]}, "all"),
        ({"b": ["A"]}, "all"),
        ({}, "all"),
    ],
)
def test_a_spelling_that_is_taken_away_may_have_made_any_row(aliases: dict[str, list[str]], rows: str) -> None:
    found = meaning(ONE_ALIAS, contract({"c": {"aliases": aliases}}))

    assert [change.rows for change in found.reading] == [rows]


def test_without_a_header_the_order_of_the_columns_is_read() -> None:
    plain = contract(file={"header": False})
    moved = plain.model_copy(update={"columns": (plain.columns[1], plain.columns[0], *plain.columns[2:])})

    (change,) = meaning(plain, moved).reading

    assert (change.path, change.rows) == ("columns", "all")
    assert change.was.startswith("id, y, f")
    assert change.now.startswith("y, id, f")
    assert meaning(contract(), moved.model_copy(update={"file": contract().file})).reading == ()


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (contract({"n": None}), "columns.n: was a column, is nothing"),
        (contract({"n": {"type": "skip", "nullable": False}}), "columns.n: was a column, is skipped"),
        (contract({"z": {"type": "float"}}), "columns.z: was nothing, is a required column"),
        (contract({"z": {"type": "float", "nullable": True}}), "columns.z: was nothing, is a column"),
        (contract({"f": {"prefix": ["$", ""]}}), 'columns.f.prefix: was "", is "", $'),
        (contract({"f": {"max": None}}), "columns.f.max: was 10, is nothing"),
        (contract({"f": {"min": -0.5}}), "columns.f.min: was 0, is -0.5"),
        (contract({"f": {"nullable": True}}), "columns.f.nullable: was false, is true"),
        (contract({"c": {"aliases": {"a": ["A", "AA"]}}}), "columns.c.aliases: was nothing, is a: A, AA"),
        (contract(weight="f"), "weight: was nothing, is f"),
        (contract(file={"skiprows": 2}), "file.skiprows: was 0, is 2"),
    ],
)
def test_a_change_is_told_as_the_contract_is_written(new: DatasetContract, said: str) -> None:
    assert [str(change) for change in meaning(contract(), new).reading] == [said]


def test_the_same_contract_means_nothing_however_it_is_written() -> None:
    written_out = contract({"f": {"feature": True, "na_values": ()}, "d": {"format": "iso"}}, repeats="reject")

    for new in (contract(), written_out):
        found = meaning(contract(), new)
        assert (found.kind, found.reading, found.recipe, found.others) == ("nothing", (), (), ())


@pytest.mark.parametrize(
    ("new", "moves"),
    [
        (contract(splits={"seed": 3}), True),
        (contract({"id": {"pattern": "[0-9]+"}}), True),
        (contract({"f": {"min": 5}}), False),
        (contract({"n": None}), False),
        (contract({"z": {"type": "float"}}), False),
        (contract(file={"delimiter": ";"}), False),
    ],
)
def test_rows_change_split_only_where_what_decides_is_read_otherwise(new: DatasetContract, *, moves: bool) -> None:
    found = meaning(contract(), new)

    assert found.moves_rows == moves
    assert (found.consequences()["splits"] == "no row changes split") == (not moves)


def test_without_a_key_a_column_that_goes_moves_rows_and_a_nullable_one_that_comes_does_not() -> None:
    old = contract(row_key=())

    assert meaning(old, contract({"n": None}, row_key=())).moves_rows
    assert not meaning(old, contract({"z": {"type": "float", "nullable": True}}, row_key=())).moves_rows


def test_another_weight_may_cost_rows_and_moves_none_and_without_one_none_is_lost() -> None:
    old = contract(splits={"by": "values"})

    assert meaning(old, contract(splits={"by": "values"}, weight="f")).moves_rows is False
    assert meaning(contract(weight="f"), contract()).reading[0].wider


def test_what_is_told_of_a_column_changes_no_reading_and_its_weight_does() -> None:
    told, untold = contract({"id": {"sensitive": False}}), contract({"id": {"sensitive": True}})
    public = contract({"id": {"public": True}})

    assert reading_digest(told) == reading_digest(untold) == reading_digest(public)
    assert reading_digest(contract(weight="f")) not in {
        reading_digest(contract()),
        reading_digest(contract(weight="n")),
    }


def test_every_consequence_is_told() -> None:
    said = meaning(contract(), contract({"c": {"allowed": ["a", "x", "b"]}})).consequences()

    assert said == {
        "rows": "stay as they are: they would be read as the same values",
        "features": "made again from rows/, under a name of their own",
        "files": "whatever was taken is taken again, as the same values",
        "model": "answers by the contract that it was trained with, until one of the new contract is served",
        "splits": "no row changes split",
    }


COUNTERPARTS = {("widened", "changed"), ("changed", "widened")}


@given(st.sampled_from(sorted(CASES)), st.sampled_from(sorted(CASES)))
@settings(max_examples=300, deadline=None)
def test_the_way_back_is_classified_alike_or_as_the_counterpart(one: str, other: str) -> None:
    old, new = CASES[one][0], CASES[other][0]
    there, back = meaning(old, new), meaning(new, old)

    assert there.kind == back.kind or (there.kind, back.kind) in COUNTERPARTS
    assert there.recipe or recipe_digest(old) == recipe_digest(new)


VALUES: dict[str, Any] = {
    "header": ("F",), "na_values": ("?",), "min": 1, "max": 2, "pattern": "x", "prefix": ("$",), "suffix": ("%",),
    "negative": ("brackets",), "decimal": ",", "thousands": ("'",), "leading_zeros": True, "from_": ("A", "B"),
    "format": "%Y", "timezone": "Europe/Berlin", "century": 1950, "true_values": ("J",), "false_values": ("N",),
    "allowed": ("a",), "aliases": {"a": ("x",)}, "ignore_case": True, "unlisted": "other", "feature": False,
    "encode": "onehot", "max_null_fraction": 0.5, "nullable": True, "description": "x", "type": "skip",
    "quotechar": "'", "escapechar": "\\", "header_": False, "skiprows": 1, "skip_after_header": 1, "comment": "#",
    "footer": "T", "unlisted_columns": "ignore", "encoding": "latin-1", "delimiter": ";", "sensitive": True,
    "public": True,
}  # fmt: skip
HOLDERS = {"decimal": "f", "thousands": "f", "true_values": "t", "false_values": "t", "nullable": "f"}


@pytest.mark.parametrize("key", [key for key in Column.model_fields if key != "name"])
def test_no_key_of_a_column_changes_unnoticed(key: str) -> None:
    old = contract()
    column = old.column(HOLDERS.get(key, "c"))
    changed = column.model_copy(update={key: VALUES[key]})
    new = old.model_copy(update={"columns": tuple(changed if one is column else one for one in old.columns)})

    assert changed != column
    found = meaning(old, new)
    assert (found.reading, found.recipe, found.others) != ((), (), ())


@pytest.mark.parametrize("key", FileFormat.model_fields)
def test_no_key_of_the_file_changes_unnoticed(key: str) -> None:
    value = {"format": "jsonl", "header": False}.get(key, VALUES.get(key))
    old = contract()

    assert meaning(old, old.model_copy(update={"file": old.file.model_copy(update={key: value})})).reading


OF_THE_WHOLE = {
    *("problem", "label", "positive_class", "file", "row_key", "repeats", "delivery", "newest", "splits", "columns"),
    *("derive", "weight"),
}


def test_no_key_of_the_contract_is_left_out() -> None:
    assert {*OF_THE_WHOLE, *NO_DATA, "name"} == set(DatasetContract.model_fields)


def test_readings_are_kept_as_long_as_contracts_only_read_more() -> None:
    first = contract()
    wider = contract({"z": {"type": "float", "nullable": True}})
    other = contract({"n": {"type": "float"}})

    kept = readings_kept(first, wider, frozenset({"before"}))

    assert kept == {"before", reading_digest(first)}
    assert readings_kept(None, first, frozenset()) == frozenset()
    assert readings_kept(wider, wider, kept) == kept
    assert readings_kept(wider, other, kept) == frozenset()
