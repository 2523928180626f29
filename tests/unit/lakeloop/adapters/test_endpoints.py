"""What predict sees of an endpoint, and what it hears when one cannot answer."""

import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from botocore.response import StreamingBody

from lakeloop.adapters.runtime import SageMakerEndpoints
from lakeloop.errors import ModelBusyError, ModelFailedError, NoModelError
from lakeloop.serving.ports import UNKNOWN_MODEL, EndpointView, LiveModel
from tests.cases import OPS
from tests.unit.lakeloop.adapters.stubs import ARN, Stub, stubbed

ENDPOINT = "lakeloop-dev-wine"
MADE = datetime(2026, 1, 1, tzinfo=UTC)
OLD, NEW = LiveModel("model-old", "digest-old"), LiveModel("model-new", "digest-new")


@pytest.fixture
def control() -> Iterator[Stub]:
    with stubbed("sagemaker") as stub:
        yield stub


@pytest.fixture
def invoked() -> Iterator[Stub]:
    with stubbed("sagemaker-runtime") as stub:
        yield stub


@pytest.fixture
def endpoints(control: Stub, invoked: Stub) -> SageMakerEndpoints:
    return SageMakerEndpoints(control.client, invoked.client, str)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the monotonic clock says, in its only element."""
    now = [1000.0]
    monkeypatch.setattr("lakeloop.adapters.runtime.time.monotonic", lambda: now[0])
    return now


def looks(control: Stub, status: str = "InService", config: str = "old", **more: object) -> None:
    described = {
        "EndpointName": ENDPOINT,
        "EndpointArn": f"{ARN}:endpoint/{ENDPOINT}",
        "EndpointConfigName": config,
        "EndpointStatus": status,
        "CreationTime": MADE,
        "LastModifiedTime": MADE,
        **more,
    }
    control.answers("describe_endpoint", described, EndpointName=ENDPOINT)


def stands_for(control: Stub, config: str) -> None:
    arn = f"{ARN}:endpoint-config/{config}"
    variants = [{"VariantName": "AllTraffic", "ModelName": f"model-{config}"}]
    found = {
        "EndpointConfigName": config,
        "EndpointConfigArn": arn,
        "ProductionVariants": variants,
        "CreationTime": MADE,
    }
    control.answers("describe_endpoint_config", found, EndpointConfigName=config)
    control.tags(arn, contract=f"digest-{config}")


def test_a_settled_endpoint_is_asked_for_again_after_some_seconds_and_its_config_never(
    control: Stub, endpoints: SageMakerEndpoints, clock: list[float]
) -> None:
    looks(control)
    stands_for(control, "old")
    looks(control)

    seen = []
    for at in (0, 9, 11):
        clock[0] = 1000 + at
        seen.append(endpoints.view(ENDPOINT))

    assert seen == [EndpointView(OLD, endpoint=ENDPOINT)] * 3


def pending(*statuses: str) -> dict[str, Any]:
    stages = [{"Status": status} for status in statuses]
    return {"EndpointConfigName": "new", "ProductionVariants": [{"VariantName": "AllTraffic", "VariantStatus": stages}]}


@pytest.mark.parametrize(
    ("summary", "shifting"),
    [
        (pending("Creating"), False),
        (pending("Creating", "ActivatingTraffic"), True),
        (pending("Baking"), True),
        (pending(), True),
        ({"EndpointConfigName": "new"}, True),
    ],
)
def test_an_update_is_seen_with_what_it_brings(
    control: Stub, endpoints: SageMakerEndpoints, summary: dict[str, Any], shifting: bool
) -> None:
    looks(control, "Updating", PendingDeploymentSummary=summary)
    stands_for(control, "old")
    stands_for(control, "new")

    assert endpoints.view(ENDPOINT) == EndpointView(OLD, NEW, shifting, endpoint=ENDPOINT)


def test_an_update_that_does_not_tell_what_it_brings_may_bring_anything(
    control: Stub, endpoints: SageMakerEndpoints
) -> None:
    looks(control, "Updating")
    stands_for(control, "old")

    assert endpoints.view(ENDPOINT) == EndpointView(OLD, UNKNOWN_MODEL, shifting=True, endpoint=ENDPOINT)


def test_a_fresh_view_is_asked_for(control: Stub, endpoints: SageMakerEndpoints) -> None:
    looks(control)
    stands_for(control, "old")
    looks(control, config="new")
    stands_for(control, "new")

    assert endpoints.view(ENDPOINT) == EndpointView(OLD, endpoint=ENDPOINT)
    assert endpoints.view(ENDPOINT, fresh=True) == EndpointView(NEW, endpoint=ENDPOINT)
    assert endpoints.view(ENDPOINT) == EndpointView(NEW, endpoint=ENDPOINT)


@pytest.mark.parametrize("status", ["Creating", "Failed", "Deleting", "OutOfService"])
def test_an_endpoint_that_does_not_serve_yet_or_any_more_is_none(
    control: Stub, endpoints: SageMakerEndpoints, status: str
) -> None:
    looks(control, status)

    assert endpoints.view(ENDPOINT) is None


def test_an_endpoint_that_is_not_there_is_none_and_forgotten(control: Stub, endpoints: SageMakerEndpoints) -> None:
    looks(control)
    stands_for(control, "old")
    control.refuses("describe_endpoint", "ValidationException", 'Could not find endpoint "arn".')
    control.refuses("describe_endpoint", "ThrottlingException")

    endpoints.view(ENDPOINT)
    assert endpoints.view(ENDPOINT, fresh=True) is None
    assert endpoints.view(ENDPOINT) == EndpointView(UNKNOWN_MODEL, endpoint=ENDPOINT)


DESCRIBE, INVOKE = json.loads((OPS / "describe-throttled" / "errors.json").read_text())


def test_describe_throttled_leaves_the_last_known_model(
    control: Stub, endpoints: SageMakerEndpoints, clock: list[float]
) -> None:
    looks(control)
    stands_for(control, "old")
    control.refuses("describe_endpoint", DESCRIBE["code"], DESCRIBE["message"], DESCRIBE["status"])

    endpoints.view(ENDPOINT)
    clock[0] += 3600

    assert endpoints.view(ENDPOINT) == EndpointView(OLD, endpoint=ENDPOINT)


def test_a_control_plane_that_throttles_is_left_alone_for_some_seconds(
    control: Stub, endpoints: SageMakerEndpoints, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks(control)
    stands_for(control, "old")
    endpoints.view(ENDPOINT)
    refusal = ClientError({"Error": {"Code": DESCRIBE["code"]}}, "DescribeEndpoint")
    describe = Mock(side_effect=refusal)
    monkeypatch.setattr(endpoints._control, "describe_endpoint", describe)

    asked = []
    for _ in range(25):
        clock[0] += 1
        endpoints.view(ENDPOINT)
        asked.append(describe.call_count)

    assert asked[-1] == 2


def test_describe_throttled_in_a_cold_process_leaves_the_model_unknown(
    control: Stub, endpoints: SageMakerEndpoints
) -> None:
    control.refuses("describe_endpoint", DESCRIBE["code"], DESCRIBE["message"], DESCRIBE["status"])

    assert endpoints.view(ENDPOINT) == EndpointView(UNKNOWN_MODEL, endpoint=ENDPOINT)


def test_describe_throttled_and_the_endpoints_own_dependency_is_down(
    invoked: Stub, endpoints: SageMakerEndpoints
) -> None:
    invoked.refuses("invoke_endpoint", INVOKE["code"], INVOKE["message"], INVOKE["status"])

    with pytest.raises(ModelBusyError):
        endpoints.invoke(ENDPOINT, "1", "i")


def test_a_control_plane_that_does_not_answer_in_time_leaves_what_was_known(
    endpoints: SageMakerEndpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(**_: object) -> None:
        raise ReadTimeoutError(endpoint_url="https://api.sagemaker")

    monkeypatch.setattr(endpoints._control, "describe_endpoint", late)
    monkeypatch.setattr(endpoints._runtime, "invoke_endpoint", late)

    assert endpoints.view(ENDPOINT) == EndpointView(UNKNOWN_MODEL, endpoint=ENDPOINT)
    with pytest.raises(ModelBusyError, match="did not answer in time"):
        endpoints.invoke(ENDPOINT, "1", "i")


CLOSED = ConnectionClosedError(endpoint_url="https://aws")


def closed_at_first(call: Callable[..., Any]) -> Callable[..., Any]:
    """A call whose connection is found closed once."""
    left = [CLOSED]

    def made(*given: object, **named: object) -> Any:  # noqa: ANN401 what the call answers
        if left:
            raise left.pop()
        return call(*given, **named)

    return made


def test_what_a_frozen_process_finds_closed_is_asked_again_at_once(
    control: Stub, invoked: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks(control)
    stands_for(control, "old")
    answer = {"Body": StreamingBody(io.BytesIO(b"0.9\n"), 4), "ContentType": "text/csv"}
    monkeypatch.setattr(invoked.client, "invoke_endpoint", closed_at_first(lambda **_: answer))
    monkeypatch.setattr(control.client, "describe_endpoint", closed_at_first(control.client.describe_endpoint))
    endpoints = SageMakerEndpoints(control.client, invoked.client, closed_at_first(str))

    assert endpoints.view(ENDPOINT) == EndpointView(OLD, endpoint=ENDPOINT)
    assert endpoints.invoke(ENDPOINT, "1", "i") == "0.9\n"


def test_a_connection_that_breaks_under_work_is_not_tried_again(
    endpoints: SageMakerEndpoints, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(**_: object) -> None:
        clock[0] += 5
        raise CLOSED

    invoke = Mock(side_effect=breaks)
    monkeypatch.setattr(endpoints._runtime, "invoke_endpoint", invoke)

    with pytest.raises(ModelBusyError):
        endpoints.invoke(ENDPOINT, "1", "i")

    assert invoke.call_count == 1


def test_a_row_is_sent_as_csv_under_its_inference_id(invoked: Stub, endpoints: SageMakerEndpoints) -> None:
    answer = {"Body": StreamingBody(io.BytesIO(b"0.9\n"), 4), "ContentType": "text/csv"}
    invoked.answers(
        "invoke_endpoint",
        answer,
        EndpointName=ENDPOINT,
        ContentType="text/csv",
        Accept="text/csv",
        Body="1,2",
        InferenceId="i-1",
    )

    assert endpoints.invoke(ENDPOINT, "1,2", "i-1") == "0.9\n"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ThrottlingException", ModelBusyError),
        ("ModelNotReadyException", ModelBusyError),
        ("ServiceUnavailable", ModelBusyError),
        ("InternalFailure", ModelBusyError),
        ("ModelError", ModelFailedError),
        ("ValidationError", NoModelError),
    ],
)
def test_what_the_endpoint_cannot_do_is_told_without_its_name_or_words(
    invoked: Stub, endpoints: SageMakerEndpoints, code: str, kind: type[Exception]
) -> None:
    invoked.refuses("invoke_endpoint", code, "words of the container")

    with pytest.raises(kind) as error:
        endpoints.invoke(ENDPOINT, "1", "i")

    assert "words" not in str(error.value)
    assert ENDPOINT not in str(error.value)
