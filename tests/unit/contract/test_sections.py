"""What each section allows at its limits, and what it says beyond them."""

from typing import Any

import pytest
from pydantic import ValidationError

from lakeloop.contract.base import ContractModel
from lakeloop.contract.columns import Column
from lakeloop.contract.compiled import ObjectVersion
from lakeloop.contract.dataset import DatasetContract
from lakeloop.contract.monitor import Monitor
from lakeloop.contract.serving import Serving
from lakeloop.contract.splits import Splits
from lakeloop.contract.training import Training

INSTANCE = {"instance_type": "ml.m5.large", "count": 1}


def grid(*sizes: int) -> dict[str, Any]:
    choices = {str(place): {"type": "categorical", "values": list(range(size))} for place, size in enumerate(sizes)}
    return {"strategy": "Grid", "ranges": choices}


def searched(**limits: object) -> dict[str, Any]:
    return {"ranges": {"eta": {"type": "integer", "min": 1, "max": 3, **limits}}}


def serving(count: int, **traffic: object) -> dict[str, Any]:
    return {"instances": {**INSTANCE, "count": count}, "traffic": traffic}


@pytest.mark.parametrize(
    ("section", "given", "said"),
    [
        (Training, grid(30, 25), None),
        (Training, grid(29, 26), "ranges: expected at most 750 combinations for Grid, found 754"),
        (Training, grid(3), None),
        (Training, {"strategy": "Grid"}, "ranges.eta.type: expected categorical: Grid tries listed values"),
        (Training, {"strategy": "Hyperband", "early_stopping": True}, "early_stopping: expected false with Hyperband"),
        (Training, {"strategy": "Random", "early_stopping": True, "warm_start": True}, None),
        (Training, {"strategy": "Bayesian", "warm_start": True}, None),
        (Training, {**grid(3), "warm_start": True}, "warm_start: expected false with Grid"),
        (Training, {"fallback_instance_types": ["ml.c5.large", "ml.c5.xlarge"]}, None),
        (Training, {"fallback_instance_types": "ml.m5.large"}, "each instance type once, found ml.m5.large twice"),
        (Training, searched(), None),
        (Training, searched(min=2.5), "min: expected a whole number in an integer range, found 2.5"),
        (Training, searched(max=3.5), "max: expected a whole number in an integer range, found 3.5"),
        (Training, searched(type="continuous", min=2.5), None),
        (Training, searched(min=3), "min: expected less than max, which is 3, found 3"),
        (Training, searched(min=4), "min: expected less than max, which is 3, found 4"),
        (Splits, {"fractions": {"train": 0.5, "validation": 0.25, "test": 0.25}}, None),
        (Splits, {"fractions": {"train": 0.5, "validation": 0.25, "test": 0.26}}, "1 together, found 1.01"),
        (Splits, {"fractions": {"train": 0.5, "validation": 0.25, "test": 0.24}}, "1 together, found 0.99"),
        (Splits, {"by": {"column": "c"}}, "expected either every or until, found neither"),
        (Splits, {"by": {"column": "c", "every": 1, "until": {"train": "1", "validation": "2"}}}, "until, found both"),
        (Splits, {"by": {"column": "c", "every": 1, "gap": 1}}, "gap: expected until beside it, found none"),
        (Monitor, {"alarm_windows": 3, "of_windows": 3}, None),
        (Monitor, {"alarm_windows": 4, "of_windows": 3}, "alarm_windows: expected at most of_windows, which is 3"),
        (Serving, {}, None),
        (Serving, {"instances": INSTANCE, "serverless": {"memory_mb": 1024, "max_concurrency": 1}}, "found both"),
        (Serving, {"traffic": {"routing": "canary"}}, "traffic: expected instances beside it"),
        (Serving, serving(1, routing="all_at_once"), None),
        (Serving, serving(1, routing="canary"), "traffic.routing: expected all_at_once with one instance"),
        (Serving, serving(2, routing="canary"), None),
        (Column, {"name": "c", "type": "float", "min": 1, "max": 1}, None),
        (Column, {"name": "c", "type": "float", "min": 2, "max": 1}, "min: expected at most max, which is 1, found 2"),
        (Column, {"name": "c", "type": "date", "max": 1}, "max: expected no limit for a column of type date"),
        (Column, {"name": "c", "type": "category"}, "allowed: expected the values of the category, found nothing"),
        (Column, {"name": "c", "type": "category", "allowed": ["a", "b", "a"]}, "each value once, found a twice"),
        (Column, {"name": "c", "type": "float", "allowed": ["a"]}, "no values for a column of type float, found a"),
        (Column, {"name": "c", "type": "float", "public": True, "sensitive": True}, "either public or sensitive"),
    ],
)
def test_a_section_is_taken_up_to_its_limits_and_refused_beyond(
    section: type[ContractModel], given: dict[str, Any], said: str | None
) -> None:
    if said is None:
        section.model_validate(given)
        return
    with pytest.raises(ValidationError) as refused:
        section.model_validate(given)
    assert said in str(refused.value)
    assert refused.value.error_count() == 1


@pytest.mark.parametrize(
    ("uri", "parts"),
    [
        ("s3://bucket/a/key?versionId=v", ("bucket", "a/key", "v")),
        ("s3://bucket/a b+c?d?versionId=v", ("bucket", "a b+c?d", "v")),
    ],
)
def test_a_version_of_an_object_is_named_in_one_way(uri: str, parts: tuple[str, str, str]) -> None:
    assert ObjectVersion.parse(uri) == parts
    assert str(ObjectVersion(*parts)) == uri


@pytest.mark.parametrize(
    "uri",
    [
        "https://bucket/key?versionId=v",
        "bucket/key?versionId=v",
        "s3:///key?versionId=v",
        "s3://bucket/?versionId=v",
        "s3://bucket?versionId=v",
        "s3://bucket/key?versionId=",
        "s3://bucket/key",
        "",
    ],
)
def test_what_names_no_version_of_an_object_is_refused(uri: str) -> None:
    with pytest.raises(ValueError, match="is not s3://<bucket>/<key>"):
        ObjectVersion.parse(uri)


@pytest.mark.parametrize(("problem", "metric"), [("binary", "auc"), ("multiclass", "mlogloss"), ("regression", "rmse")])
def test_a_model_is_chosen_by_the_metric_of_its_problem_or_the_one_that_is_named(problem: str, metric: str) -> None:
    label: dict[str, Any] = {"name": "y", "type": "float"}
    if problem != "regression":
        label = {"name": "y", "type": "category", "allowed": ["a", "b"] if problem == "binary" else ["a", "b", "c"]}
    given = {
        "name": "t",
        "problem": problem,
        "label": "y",
        "columns": [label, {"name": "x", "type": "float"}],
        **({"positive_class": "a"} if problem == "binary" else {}),
    }
    other = {"binary": "logloss", "multiclass": "merror", "regression": "mae"}[problem]

    assert DatasetContract.model_validate(given).metric == metric
    assert DatasetContract.model_validate({**given, "training": {"metric": other}}).metric == other
