"""A model takes the place of one that reads other columns, or the same ones in another order."""

import json

import pytest

from lakeloop.serving.ports import EndpointView, LiveModel
from tests.cases import PLAN
from tests.fakes import MemoryEndpoints
from tests.unit.serving.asking import reading, service_of

CASE = json.loads((PLAN / "canary-between-two-encodings" / "models.json").read_text())
OLD, NEW = (LiveModel(name, CASE[name]["encoding"], f"commit-{name}") for name in ("old", "new"))
BEFORE, MAKING, SHIFTING, AFTER = (
    EndpointView(OLD),
    EndpointView(OLD, NEW),
    EndpointView(OLD, NEW, shifting=True),
    EndpointView(NEW),
)
BY_OLD, BY_NEW = ("old", "40,1000,2"), ("new", "1000,40,1")


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
