"""A wrong contract says where it is wrong and what was expected."""

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from lakeloop.contract import DatasetContract
from tests.data import ROOT, breast_cancer, tiny


@pytest.mark.parametrize("path", sorted((ROOT / "datasets").glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_contracts_are_valid_and_named_after_their_file(path: Path) -> None:
    assert DatasetContract.model_validate(yaml.safe_load(path.read_text())).name == path.stem


def test_features_keep_the_order_of_the_columns_without_key_and_label() -> None:
    assert [column.name for column in tiny().features] == ["f", "i", "c", "t"]


def test_the_positive_class_has_code_one_wherever_it_is_listed() -> None:
    assert tiny().classes == ("no", "yes")
    assert breast_cancer().classes == ("benign", "malignant")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"label": "z"}, "label: `z` is not one of the columns"),
        ({"row_key": "y"}, "the row key cannot be the label"),
        ({"positive_class": "maybe"}, "positive_class: `maybe` is not an allowed value of `y`"),
        ({"positive_class": None}, "positive_class: name it for a binary problem"),
        ({"problem": "regression", "positive_class": None}, "regression learns a float or integer, `y` is a category"),
        ({"splits": {"train": 0.6, "validation": 0.2, "test": 0.3}}, "train + validation + test must be 1, not 1.1"),
        ({"serving": {}}, "give either `serverless` or `instances`"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_contract_that_contradicts_itself_says_where(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as error:
        tiny(**changes)

    assert said in str(error.value)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ({"name": "x", "type": "category"}, "`allowed` lists the values of a category column"),
        ({"name": "x", "type": "float", "min": 2, "max": 1}, "`min` 2.0 is greater than `max` 1.0"),
        ({"name": "x", "type": "boolean", "min": 0}, "`min` and `max` are for float and integer columns"),
        ({"name": "x", "type": "string"}, "a feature is float, integer, boolean or category, not string"),
        ({"name": "f", "type": "float"}, "f is there twice"),
    ],
)
def test_a_column_that_makes_no_sense_says_why(column: dict[str, object], said: str) -> None:
    columns = [*tiny().model_dump(mode="json")["columns"], {**column, "description": "x"}]

    with pytest.raises(ValidationError) as error:
        tiny(columns=columns)

    assert said in str(error.value)
