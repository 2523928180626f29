"""What the container's scores mean under the contract, of one row and of several."""

import pytest

from lakeloop.contract import DatasetContract
from lakeloop.errors import ModelFailedError
from lakeloop.serving.prediction import Prediction, interpret
from tests.data import tiny


def multiclass() -> DatasetContract:
    columns = tiny().model_dump(mode="json")["columns"]
    columns[1] = {"name": "y", "type": "category", "allowed": ["r", "g", "b"], "description": "label"}
    training = {**tiny().training.model_dump(mode="json"), "metric": "mlogloss"}
    return tiny(problem="multiclass", positive_class=None, columns=columns, training=training)


@pytest.mark.parametrize("scores", ["0.2,0.7,0.1", "0.2\n0.7\n0.1\n", "[0.2, 0.7, 0.1]\n"])
def test_scores_of_several_classes_are_read_as_old_and_new_containers_write_them(scores: str) -> None:
    assert interpret(scores, multiclass())[0].prediction == "g"


def test_the_likeliest_of_several_classes_is_predicted_and_each_has_its_probability() -> None:
    probabilities = {"r": 0.2, "g": 0.7, "b": 0.1}

    assert interpret("0.2,0.7,0.1", multiclass()) == [Prediction("g", 0.7, probabilities)]


def test_a_score_of_two_classes_is_that_of_the_positive_one() -> None:
    assert interpret("0.25", tiny()) == [Prediction("no", 0.75, {"no": 0.75, "yes": 0.25})]


def regression() -> DatasetContract:
    columns = tiny().model_dump(mode="json")["columns"]
    columns[1] = {"name": "y", "type": "float", "description": "label"}
    training = {**tiny().training.model_dump(mode="json"), "metric": "rmse"}
    return tiny(problem="regression", positive_class=None, columns=columns, training=training)


def test_a_regression_answers_a_number_without_confidence() -> None:
    assert interpret("13.5\n", regression()) == [Prediction(13.5, None, {})]


@pytest.mark.parametrize(
    ("scores", "contract", "said"),
    [
        ("", tiny(), "answered '' where numbers were expected"),
        ("abc", tiny(), "answered 'abc' where numbers were expected"),
        ("x" * 101, tiny(), f"answered '{'x' * 100}' where numbers were expected"),
        ("0.1,0.2", tiny(), "answered 2 scores for one row"),
        ("0.1,0.2", regression(), "answered 2 scores for one row"),
        ("0.1,0.2", multiclass(), "answered 2 scores for 3 classes"),
        ("0.1,0.2,0.3,0.4", multiclass(), "answered 4 scores for 3 classes"),
    ],
)
def test_scores_that_do_not_fit_are_the_models_failure(scores: str, contract: DatasetContract, said: str) -> None:
    with pytest.raises(ModelFailedError, match=said):
        interpret(scores, contract)


@pytest.mark.parametrize(
    "scores", ["[0.2, 0.7, 0.1]\n[0.6, 0.3, 0.1]\n", "0.2,0.7,0.1\n0.6,0.3,0.1", "0.2,0.7,0.1,0.6,0.3,0.1"]
)
def test_scores_of_several_rows_are_read_as_old_and_new_containers_write_them(scores: str) -> None:
    assert [found.prediction for found in interpret(scores, multiclass(), 2)] == ["g", "r"]


@pytest.mark.parametrize("scores", ["0.1", "0.1\n0.2\n0.3", "nan\n0.1", "inf\n0.1", "0.1\n\n0.2"])
def test_scores_that_do_not_fit_the_rows_are_the_models_failure(scores: str) -> None:
    with pytest.raises(ModelFailedError):
        interpret(scores, tiny(), 2)
