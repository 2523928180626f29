"""The contract as functions use it; what is said of a wrong one is the judge's, in tests/unit/compiler."""

import pytest
from pydantic import ValidationError

from tests.data import breast_cancer, tiny


def test_features_keep_the_order_of_the_columns_without_key_and_label() -> None:
    assert [column.name for column in tiny().features] == ["f", "i", "c", "t"]


def test_the_positive_class_has_code_one_wherever_it_is_listed() -> None:
    assert tiny().classes == ("no", "yes")
    assert breast_cancer().classes == ("benign", "malignant")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"label": "z"}, "label: expected the name of a column, found z"),
        ({"splits": {"train": 0.6, "validation": 0.2, "test": 0.3}}, "expected train, validation and test to be 1"),
        ({"columns": tiny().columns[1:]}, "row_key: expected the name of a column, found id"),
    ],
)
def test_no_contract_contradicts_itself_wherever_it_is_read_from(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as error:
        tiny(**changes)

    assert said in str(error.value)


def test_a_key_that_no_contract_has_is_refused() -> None:
    with pytest.raises(ValidationError, match="surprise"):
        tiny(surprise=1)
