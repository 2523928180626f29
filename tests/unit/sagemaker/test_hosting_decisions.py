"""Routing steps, update rules, event spelling, capture lines."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from lakeloop.local.sagemaker.errors import ServiceError
from lakeloop.local.sagemaker.hosting.capture import Exchange, Payload, capture_line
from lakeloop.local.sagemaker.hosting.routing import DEFAULT_POLICY, Step, steps
from lakeloop.local.sagemaker.hosting.rules import check_update
from lakeloop.local.sagemaker.hosting.state import event_status


def policy(kind: str, wait: int = 60, termination: int = 0, **sizes: tuple[str, int]) -> dict[str, Any]:
    routing: dict[str, Any] = {"Type": kind, "WaitIntervalInSeconds": wait}
    routing.update({name: {"Type": unit, "Value": value} for name, (unit, value) in sizes.items()})
    return {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": termination}


PERCENT = "CAPACITY_PERCENT"
COUNT = "INSTANCE_COUNT"


@pytest.mark.parametrize(
    ("given", "instances", "expected"),
    [
        (DEFAULT_POLICY, 1, [Step(1, 0)]),
        (policy("ALL_AT_ONCE", termination=300), 2, [Step(1, 300)]),
        (policy("CANARY", CanarySize=(PERCENT, 10)), 1, [Step(0.1, 60), Step(1, 0)]),
        (policy("CANARY", CanarySize=(COUNT, 1), termination=30), 4, [Step(0.25, 60), Step(1, 30)]),
        (policy("LINEAR", LinearStepSize=(PERCENT, 50)), 1, [Step(0.5, 60), Step(1, 0)]),
        (policy("LINEAR", LinearStepSize=(COUNT, 1)), 3, [Step(1 / 3, 60), Step(2 / 3, 60), Step(1, 0)]),
        (policy("LINEAR", LinearStepSize=(PERCENT, 33)), 1, [Step(0.33, 60), Step(0.66, 60), Step(1, 0)]),
    ],
)
def test_steps_of_an_update(given: dict[str, Any], instances: int, expected: list[Step]) -> None:
    found = steps(given, instances)

    assert [step.share for step in found] == pytest.approx([step.share for step in expected])
    assert [step.bake_seconds for step in found] == [step.bake_seconds for step in expected]


@pytest.mark.parametrize(
    ("status", "spelled"),
    [("InService", "IN_SERVICE"), ("UpdateRollbackFailed", "UPDATE_ROLLBACK_FAILED"), ("Creating", "CREATING")],
)
def test_status_in_events(status: str, spelled: str) -> None:
    assert event_status(status) == spelled


def variants(*names: str) -> dict[str, Any]:
    instances = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    return {"ProductionVariants": [{"VariantName": name, **instances} for name in names]}


@pytest.mark.parametrize(
    ("old", "new", "guarded", "allowed"),
    [
        (["A"], ["A"], True, True),
        (["A"], ["B"], True, False),
        (["A"], ["B"], False, False),
        (["A"], ["A", "B"], False, True),
        (["A"], ["A", "B"], True, False),
        (["A", "B"], ["B"], False, True),
    ],
)
def test_variants_of_an_update(old: list[str], new: list[str], guarded: bool, allowed: bool) -> None:
    deployment = {"BlueGreenUpdatePolicy": DEFAULT_POLICY} if guarded else {}

    if allowed:
        check_update(variants(*old), variants(*new), deployment)
    else:
        with pytest.raises(ServiceError, match="same variant names"):
            check_update(variants(*old), variants(*new), deployment)


def test_rolling_updates_are_refused_loudly() -> None:
    with pytest.raises(ServiceError, match="no rolling updates"):
        check_update(variants("A"), variants("A"), {"RollingUpdatePolicy": {}})


NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
EXCHANGE = Exchange(
    Payload("text/csv", b"1,2"),
    Payload("application/json", b"{}"),
    {"x-amzn-sagemaker-custom-attributes": "trace=1"},
)


def line(**config: object) -> dict[str, Any]:
    given = {"CaptureOptions": [{"CaptureMode": "InputAndOutput"}], **config}
    found: dict[str, Any] = json.loads(capture_line(given, EXCHANGE, "event", NOW))
    return found


def test_payloads_are_base64_unless_their_type_is_named() -> None:
    captured = line(CaptureContentTypeHeader={"JsonContentTypes": ["application/json"]})["captureData"]

    assert captured["endpointInput"]["encoding"] == "BASE64"
    assert base64.b64decode(captured["endpointInput"]["data"]) == b"1,2"
    assert (captured["endpointOutput"]["encoding"], captured["endpointOutput"]["data"]) == ("JSON", "{}")


def test_only_the_side_asked_for_is_captured() -> None:
    assert list(line(CaptureOptions=[{"CaptureMode": "Output"}])["captureData"]) == ["endpointOutput"]


def test_metadata_of_a_capture() -> None:
    assert line()["eventMetadata"] == {
        "eventId": "event",
        "customAttributes": ["trace=1"],
        "inferenceTime": "2026-11-21T06:30:00Z",
    }
