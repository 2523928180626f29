"""Images, metrics, hyperparameters, and the arguments of own programs."""

from typing import Any

import pytest

from lakeloop.local.sagemaker.containers.xgboost.data import format_of
from lakeloop.local.sagemaker.containers.xgboost.errors import UserError
from lakeloop.local.sagemaker.containers.xgboost.hyperparameters import read
from lakeloop.local.sagemaker.training.images import image
from lakeloop.local.sagemaker.training.metrics import MetricReader, built_in_definitions, built_in_objectives
from lakeloop.local.sagemaker.training.script import arguments, script_of, variables

REGISTRY = "683313688378.dkr.ecr.us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    ("uri", "built_in", "runs", "remarked"),
    [
        (f"{REGISTRY}/sagemaker-xgboost:3.0-5", True, True, False),
        (f"{REGISTRY}/sagemaker-xgboost:3.0-5-cpu-py3", True, True, False),
        (f"{REGISTRY}/sagemaker-xgboost:1.7-1", True, True, True),
        (f"{REGISTRY}/sagemaker-xgboost:latest", True, False, False),
        (f"{REGISTRY}/xgboost:1", True, False, False),
        (f"{REGISTRY}/own:1", False, False, False),
        ("", False, False, False),
    ],
)
def test_images(uri: str, built_in: bool, runs: bool, remarked: bool) -> None:
    found = image(uri)

    assert (found.built_in, not found.problem, bool(found.remark)) == (built_in, runs, remarked)


def test_metrics_of_the_built_in_image() -> None:
    reader = MetricReader(built_in_definitions())

    reader.read("[0]#011train-auc:0.5#011validation-auc:0.25")
    reader.read("[1]#011train-auc:0.75#011validation-auc:1e-05#011validation-logloss:-.5")
    reader.read("validation-auc:0.9 without a round is no metric")

    assert reader.last == {"train:auc": 0.75, "validation:auc": 1e-05, "validation:logloss": -0.5}


def test_definition_that_captures_no_number_gives_no_metric() -> None:
    reader = MetricReader({"a": "a=(.*)", "b": "b="})

    assert list(reader.read("a=good b=1")) == []


def test_objectives_know_their_direction() -> None:
    objectives = built_in_objectives()

    assert objectives["validation:auc"] == "Maximize"
    assert objectives["validation:rmse"] == "Minimize"
    assert "train:auc" not in objectives


def test_hyperparameters_get_types_and_proper_names() -> None:
    found = read(
        {"num_round": "10", "learning_rate": "0.1", "eval_metric": "auc, logloss", "objective": "binary:logistic"}
    )

    assert found == {
        "num_round": 10,
        "eta": 0.1,
        "eval_metric": ["auc", "logloss"],
        "objective": "binary:logistic",
    }


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "Missing hyperparameter: num_round"),
        ({"num_round": "many"}, "could not parse"),
        ({"num_round": "0"}, "not in the range 1 to inf"),
        ({"num_round": "1", "subsample": "0"}, "subsample"),
        ({"num_round": "1", "booster": "rocket"}, "is not in"),
        ({"num_round": "1", "tweedie_variance_power": "2"}, "tweedie_variance_power"),
        ({"num_round": "1", "depth": "1"}, "Extraneous hyperparameter found: depth"),
        ({"num_round": "1", "objective": "multi:softmax"}, "num_class"),
        ({"num_round": "1", "eval_metric": "auc", "objective": "reg:squarederror"}, "'auc'"),
    ],
)
def test_hyperparameters_that_are_refused(given: dict[str, str], problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        read(given)


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        (None, "libsvm"),
        ("text/csv", "csv"),
        ("text/csv; label_size=1", "csv"),
        ("TEXT/CSV; charset=utf8", "csv"),
        ("text/x-libsvm", "libsvm"),
        ("application/x-parquet", "parquet"),
    ],
)
def test_content_types(content_type: str | None, expected: str) -> None:
    assert format_of(content_type) == expected


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/csv; label_size=2", "application/x-recordio-protobuf"]
)
def test_content_types_that_are_refused(content_type: str) -> None:
    with pytest.raises(UserError):
        format_of(content_type)


def job(**hyperparameters: str) -> dict[str, Any]:
    return {"HyperParameters": hyperparameters, "InputDataConfig": [{"ChannelName": "my-data"}]}


@pytest.mark.parametrize("quote", ["", '"'])
def test_program_with_and_without_the_quotes_of_json(quote: str) -> None:
    found = script_of(job(sagemaker_program=f"{quote}train.py{quote}", sagemaker_submit_directory="s3://b/c.tar.gz"))

    assert found is not None
    assert (found.program, found.source) == ("train.py", "s3://b/c.tar.gz")


def test_job_without_a_program_is_the_algorithm() -> None:
    assert script_of(job(num_round="1")) is None


def test_arguments_are_the_users_hyperparameters_in_order() -> None:
    given = job(sagemaker_program="p", _tuning_objective_metric="m", depth="3", a='"text"', rate="1e-3")

    assert arguments(given) == ["-a", "text", "--depth", "3", "--rate", "1e-3"]


def test_variables_of_own_programs() -> None:
    given = job(sagemaker_program="train.py", max_depth="3")
    script = script_of(given)
    assert script is not None

    found = variables(script, given, "/opt/ml", "/opt/ml/code")

    assert found["SM_MODEL_DIR"] == "/opt/ml/model"
    assert found["SM_CHANNEL_MY_DATA"] == "/opt/ml/input/data/my-data"
    assert found["SM_HP_MAX_DEPTH"] == "3"
    assert found["SM_USER_ARGS"] == '["--max_depth", "3"]'
