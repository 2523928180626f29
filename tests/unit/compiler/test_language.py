"""What a contract may not say although each of its parts is right."""

from typing import Any

import pytest

from lakeloop.compiler import language
from lakeloop.contract import Column, DatasetContract
from lakeloop.contract.derive import Derived
from tests.data import tiny


def with_column(**options: Any) -> DatasetContract:  # noqa: ANN401
    new = Column.model_validate({"name": "new", "type": "float", **options})
    return tiny(columns=[*tiny().columns, new])


def slices(*names: str) -> dict[str, object]:
    return {"slices": [{"column": name} for name in names]}


@pytest.mark.parametrize(
    ("contract", "said"),
    [
        (with_column(type="string", feature=True), "columns.new.feature: expected a number, boolean, category, date"),
        (with_column(encode="onehot"), "columns.new.encode: expected ordinal for a column of type float, found onehot"),
        (
            with_column(type="string", pattern="["),
            "columns.new.pattern: expected a regular expression as Rust reads it",
        ),
        (with_column(format="%Y"), "columns.new.format: expected nothing for a column of type float, found %Y"),
        (with_column(type="date", format="%Q"), "columns.new.format: expected letters of %Y"),
        (with_column(type="timestamp", timezone="Mars"), "columns.new.timezone: expected a name such as Europe/Berlin"),
        (with_column(true_values="ja"), "columns.new.true_values: expected nothing for a column of type float"),
        (
            with_column(type="category", allowed=["NA"], na_values=["NA"]),
            "columns.new.na_values: expected no word that `allowed` or `aliases` lists, found NA",
        ),
        (
            with_column(type="category", allowed=["a"], aliases={"b": "c"}),
            "columns.new.aliases: expected other spellings by the listed value they mean, found b",
        ),
        (tiny(problem=None, positive_class=None), "problem: expected one beside `label`, found nothing"),
        (tiny(splits={"by": ["nobody"]}), "splits.by: expected columns of the contract, found nobody"),
        (tiny(splits={"by": ["c"]}), "splits.by: expected a column that is not nullable, found c, which is"),
        (
            tiny(splits={"by": {"column": "id", "every": 7}}),
            "splits.by: expected a date, timestamp or number, found id",
        ),
        (tiny(splits={"by": {"column": "f", "every": "7d"}}), "splits.by.every: expected a number for f, a float"),
        (tiny(derive=[{"name": "f", "expression": "i / 2"}]), "derive: expected a name of its own for each feature"),
        (
            tiny(derive=[{"name": "g", "expression": "y / 2"}]),
            "derive: expected another column than the label in g, found y",
        ),
        (
            tiny(delivery="upsert", row_key=()),
            "delivery: expected a row_key beside upsert, which keeps the newest row of each key, found upsert",
        ),
        (
            tiny(delivery="snapshot", on_delete="remove"),
            "on_delete: expected keep beside snapshot, whose next file replaces all rows, found remove",
        ),
        (
            tiny(delivery="snapshot", delivery_unit="folder"),
            "delivery_unit: expected file beside snapshot, of which one file is all rows, found folder",
        ),
        (tiny(weight="i"), "weight: expected a column that is not nullable, found i, which is"),
        (
            with_column(name="new", feature=True).model_copy(update={"weight": "new"}),
            "columns.new.feature: expected false for the weight, which requests do not give, found true",
        ),
        (
            tiny(weight="f", derive=[{"name": "g", "expression": "f / i"}]),
            "derive: expected another column than the weight in g, found f",
        ),
        (
            with_column(sensitive=True).model_copy(
                update={"derive": (Derived.model_validate({"name": "g", "expression": "new / i"}),)}
            ),
            "derive: expected a column that is not sensitive in g, or `feature: true` for it, found new",
        ),
        (
            tiny(problem="regression", positive_class=None, label="f", weight="f", training={}),
            "weight: expected another column than the label and the row key, found f",
        ),
        (tiny(promotion=slices("g")), "promotion.slices: expected a category or boolean column, found g"),
        (tiny(promotion=slices("f")), "promotion.slices: expected a category or boolean column, found f, a float"),
        (tiny(promotion=slices("y")), "promotion.slices: expected a column that is neither the label nor sensitive"),
        (tiny(promotion=slices("c", "c")), "promotion.slices: expected each column once, found c twice"),
    ],
)
def test_what_its_options_refer_to_must_be_there_and_fit(contract: DatasetContract, said: str) -> None:
    [found] = map(str, language.broken(contract))

    assert found.startswith(said)


@pytest.mark.parametrize(
    "contract",
    [
        tiny(),
        tiny(splits={"by": {"column": "f", "every": 2}}),
        tiny(splits={"by": "values"}, row_key=()),
        tiny(weight="f"),
        tiny(promotion=slices("c", "t")),
        with_column(sensitive=True),
        with_column(sensitive=True, feature=True),
        tiny(derive=[{"name": "g", "expression": "f / i"}]),
        with_column(type="date", format="%d.%m.%Y", feature=True),
        with_column(type="date", format="%d.%m.%y", century=1950),
        with_column(type="timestamp", timezone="Europe/Berlin"),
        with_column(type="timestamp", format="%Y-%m-%d %I:%M %p"),
        with_column(type="timestamp", **{"from": ["Date", "Time"]}, format="iso"),
        with_column(decimal=",", thousands=[".", " "], prefix=["$", ""], suffix="%", negative=["brackets"]),
        with_column(prefix="Fr."),
        with_column(type="boolean", true_values="ja", false_values=["nein", "0"], na_values="?"),
        with_column(type="category", allowed=["a", "NA"], aliases={"a": ["A", "b"]}, na_values="?"),
        with_column(type="string", pattern="[A-Z]{2}[0-9]+"),
        with_column(header=["New", "new"]),
        with_column(header="G"),
        tiny(label="t", positive_class="true"),
        tiny(file={"header": False, "delimiter": "\t", "escapechar": '"', "footer": "^Total", "comment": "#"}),
        tiny(file={"delimiter": "whitespace"}),
        tiny(splits={"by": {"column": "f", "until": {"train": "5", "validation": "8"}, "gap": 1}}),
    ],
)
def test_what_fits_is_right(contract: DatasetContract) -> None:
    assert list(language.broken(contract)) == []


def test_a_contract_of_skipped_columns_alone_is_refused_since_no_row_would_have_a_value() -> None:
    contract = DatasetContract.model_validate({"name": "empty", "columns": [{"name": "a", "type": "skip"}]})

    assert [str(broken) for broken in language.broken(contract)] == [
        "columns: expected a column that is not skipped, found none"
    ]
