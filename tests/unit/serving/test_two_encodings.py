"""A model takes the place of one that reads other columns, or the same ones in another order."""

import json

import pytest

from lakeloop.contract import DatasetContract
from lakeloop.serving.ports import EndpointView, LiveModel
from tests.cases import PLAN
from tests.data import tiny
from tests.fakes import MemoryEndpoints
from tests.unit.serving.asking import service_of

CASE = json.loads((PLAN / "canary-between-two-encodings" / "models.json").read_text())
OLD, NEW = (LiveModel(name, CASE[name]["encoding"], f"commit-{name}") for name in ("old", "new"))
BEFORE, MAKING, SHIFTING, AFTER = (
    EndpointView(OLD),
    EndpointView(OLD, NEW),
    EndpointView(OLD, NEW, shifting=True),
    EndpointView(NEW),
)
BY_OLD, BY_NEW = ("old", "40,1000,2"), ("new", "1000,40,1")


def reading(features: list[str]) -> DatasetContract:
    """The contract of a model that reads these, `city=A` for a value of a category."""
    allowed: dict[str, list[str]] = {}
    for feature in features:
        column, _, value = feature.partition("=")
        allowed.setdefault(column, []).extend([value] if value else [])
    columns = [
        {"name": "id", "type": "string", "description": "key"},
        {"name": "y", "type": "category", "allowed": ["yes", "no"], "description": "label"},
        *(
            {"name": name, "type": "category", "allowed": values, "description": "category"}
            if values
            else {"name": name, "type": "float", "description": "number"}
            for name, values in allowed.items()
        ),
    ]
    return tiny(columns=columns)


@pytest.mark.parametrize(
    ("looks", "answered"),
    [
        ((BEFORE, BEFORE), BY_OLD),
        ((MAKING, MAKING), BY_OLD),
        ((MAKING, BEFORE), BY_OLD),
        ((MAKING, SHIFTING), None),
        ((SHIFTING, SHIFTING), None),
        ((SHIFTING, AFTER), BY_NEW),
        ((BEFORE, AFTER), BY_OLD),
        ((MAKING, AFTER), BY_NEW),
        ((AFTER, AFTER), BY_NEW),
    ],
)
def test_no_row_is_encoded_for_one_model_and_answered_by_the_other(
    looks: tuple[EndpointView, EndpointView], answered: tuple[str, str] | None
) -> None:
    """Case canary-between-two-encodings: who asks while both may answer is asked to wait.

    `looks` are those at the endpoint before and after the answer. Who saw the endpoint before an update began is
    answered before that update can shift requests.
    """
    kept = {CASE[name]["encoding"]: reading(CASE[name]["features"]) for name in ("old", "new")}
    endpoints = MemoryEndpoints(views=list(looks))

    answer = service_of(endpoints, kept[OLD.contract], **kept).handle("tiny", json.dumps({"features": CASE["row"]}))

    if answered is None:
        assert (answer.status, answer.body["error"], answer.headers["Retry-After"]) == (503, "model_busy", "30")
    else:
        assert (answer.status, answer.body["model"], endpoints.bodies[-1]) == (200, *answered)
