"""A destroy takes what this environment's functions made, and nothing else; an environment that stays is left alone."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakeloop.adapters import reaper
from lakeloop.adapters.reaper import SageMakerReaper
from lakeloop.adapters.wiring import Wiring
from lakeloop.errors import PermanentError
from tests.cases import OPS
from tests.unit.lakeloop.adapters.stubs import ARN, REGION, Stub, stubbed

MADE = datetime(2026, 1, 1, tzinfo=UTC)
OURS = "lakeloop-dev"


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    monkeypatch.setattr(reaper, "POLL_SECONDS", 0)
    with stubbed("sagemaker") as stub:
        yield stub


def endpoint(name: str) -> dict[str, Any]:
    arn = f"{ARN}:endpoint/{name}"
    times = {"CreationTime": MADE, "LastModifiedTime": MADE}
    return {"EndpointName": name, "EndpointArn": arn, "EndpointStatus": "InService", **times}


def config(name: str) -> dict[str, Any]:
    return {"EndpointConfigName": name, "EndpointConfigArn": f"{ARN}:endpoint-config/{name}", "CreationTime": MADE}


def model(name: str) -> dict[str, Any]:
    return {"ModelName": name, "ModelArn": f"{ARN}:model/{name}", "CreationTime": MADE}


def group(name: str) -> dict[str, Any]:
    arn = f"{ARN}:model-package-group/{name}"
    made = {"CreationTime": MADE, "ModelPackageGroupStatus": "Completed"}
    return {"ModelPackageGroupName": name, "ModelPackageGroupArn": arn, **made}


def lists(
    stub: Stub,
    endpoints: dict[str, str] | None = None,
    configs: dict[str, str] | None = None,
    models: dict[str, str] | None = None,
    groups: dict[str, str] | None = None,
) -> Iterator[None]:
    """What each list holds, by name and environment in its tags; the steps between are the test's."""
    kinds = (
        ("list_endpoints", "Endpoints", "EndpointArn", endpoint, endpoints),
        ("list_endpoint_configs", "EndpointConfigs", "EndpointConfigArn", config, configs),
        ("list_models", "Models", "ModelArn", model, models),
        ("list_model_package_groups", "ModelPackageGroupSummaryList", "ModelPackageGroupArn", group, groups),
    )
    for operation, key, arn, summary, found in kinds:
        summaries = [summary(name) for name in found or {}]
        stub.answers(operation, {key: summaries}, NameContains=OURS)
        for described, environment in zip(summaries, (found or {}).values(), strict=True):
            if environment:
                stub.tags(described[arn], environment=environment)
        yield


def test_what_carries_the_tag_is_deleted_and_what_only_looks_alike_is_left(stub: Stub) -> None:
    alike = {"lakeloop-dev-wine": OURS, "lakeloop-dev-alice-wine": "lakeloop-dev-alice", "x-lakeloop-dev-a": ""}
    models = {"lakeloop-dev-m": OURS, "lakeloop-dev-n": "nobody"}
    step = lists(stub, alike, {"lakeloop-dev-c": OURS}, models, {"lakeloop-dev-g": OURS, "lakeloop-dev-h": "nobody"})
    next(step)
    stub.answers("delete_endpoint", {}, EndpointName="lakeloop-dev-wine")
    stub.refuses("delete_endpoint", "ValidationException", "Could not find endpoint")
    next(step)
    stub.answers("delete_endpoint_config", {}, EndpointConfigName="lakeloop-dev-c")
    next(step)
    stub.answers("delete_model", {}, ModelName="lakeloop-dev-m")
    next(step)
    version = f"{ARN}:model-package/lakeloop-dev-g/1"
    summary = {
        "ModelPackageGroupName": "lakeloop-dev-g",
        "ModelPackageArn": version,
        "CreationTime": MADE,
        "ModelPackageStatus": "Completed",
    }
    stub.answers("list_model_packages", {"ModelPackageSummaryList": [summary]}, ModelPackageGroupName="lakeloop-dev-g")
    stub.answers("delete_model_package", {}, ModelPackageName=version)
    stub.answers("delete_model_package_group", {}, ModelPackageGroupName="lakeloop-dev-g")

    deleted = SageMakerReaper(stub.client, OURS).reap()

    assert deleted == ["lakeloop-dev-wine", "lakeloop-dev-c", "lakeloop-dev-m", "lakeloop-dev-g"]


def test_a_busy_endpoint_is_waited_for_and_what_is_gone_is_done(stub: Stub) -> None:
    step = lists(stub, {"lakeloop-dev-wine": OURS}, {"lakeloop-dev-c": OURS}, {"lakeloop-dev-m": OURS})
    next(step)
    for _ in range(3):
        stub.refuses("delete_endpoint", "ValidationException", "Cannot update in-progress endpoint")
    stub.refuses("delete_endpoint", "ValidationException", "Could not find endpoint")
    next(step)
    stub.refuses("delete_endpoint_config", "ValidationException", "Could not find endpoint configuration")
    next(step)
    stub.refuses("delete_model", "ValidationException", "Could not find model")
    next(step)

    assert len(SageMakerReaper(stub.client, OURS).reap()) == 3


@pytest.mark.parametrize("code", ["ValidationException", "AccessDeniedException"])
def test_an_endpoint_that_cannot_be_deleted_is_named(stub: Stub, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaper, "LONGEST_WAIT_SECONDS", -1)
    next(lists(stub, {"lakeloop-dev-wine": OURS}))
    stub.refuses("delete_endpoint", code, "SageMaker's words")

    with pytest.raises(TimeoutError, match="endpoint lakeloop-dev-wine cannot be deleted: SageMaker's words"):
        SageMakerReaper(stub.client, OURS).reap()


def test_autoscaled_endpoint_is_deleted_with_the_right_to_end_that_or_said_to_be_scaled(stub: Stub) -> None:
    """AWS ends the scaling itself, in the caller's name; waiting does not help a caller who may not."""
    said = json.loads((OPS / "autoscaled-endpoint-is-deleted" / "error.json").read_text())
    next(lists(stub, {"lakeloop-dev-wine": OURS}))
    stub.refuses("delete_endpoint", said["code"], said["message"])

    with pytest.raises(PermanentError, match="--resource-id endpoint/lakeloop-dev-wine/variant/AllTraffic"):
        SageMakerReaper(stub.client, OURS).reap()


def test_running_tuning_jobs_of_the_environment_are_stopped_and_those_that_ended_are_no_error(stub: Stub) -> None:
    first, second = "lakeloop-dev-00000000000a", "lakeloop-dev-00000000000b"
    # Tags of jobs that are called otherwise may not be read.
    unread = {"lakeloop-dev-alice-00000000000c": "", "x-lakeloop-dev-00000000000d": ""}
    jobs = {first: OURS, second: OURS, "lakeloop-dev-00000000000e": "somebody", **unread}
    summaries = [
        {
            "HyperParameterTuningJobName": name,
            "HyperParameterTuningJobArn": f"{ARN}:hyper-parameter-tuning-job/{name}",
            "HyperParameterTuningJobStatus": "InProgress",
            "Strategy": "Bayesian",
            "CreationTime": MADE,
            "TrainingJobStatusCounters": {},
            "ObjectiveStatusCounters": {},
        }
        for name in jobs
    ]
    stub.answers(
        "list_hyper_parameter_tuning_jobs",
        {"HyperParameterTuningJobSummaries": summaries},
        NameContains=OURS,
        StatusEquals="InProgress",
    )
    for name, environment in jobs.items():
        if environment:
            stub.tags(f"{ARN}:hyper-parameter-tuning-job/{name}", environment=environment)
    stub.answers("stop_hyper_parameter_tuning_job", {}, HyperParameterTuningJobName=first)
    stub.refuses("stop_hyper_parameter_tuning_job", "ValidationException", "is in status Completed")

    assert SageMakerReaper(stub.client, OURS).stop_tuning() == [first, second]


@dataclass
class Environment:
    """What a destroy finds at each look, while a clock goes on a second a look."""

    late_endpoint_at: int
    seconds: int = 0

    def stop_jobs(self) -> list[str]:
        return ["job"] if self.seconds == 0 else []

    def reap(self, deadline: float) -> list[str]:
        assert deadline == reaper.LONGEST_WAIT_SECONDS
        found = ["late"] if self.seconds == self.late_endpoint_at else []
        self.seconds += 1
        return found


@pytest.mark.parametrize("late_endpoint_at", [1, 59, 60])
def test_an_endpoint_that_an_invocation_in_flight_makes_is_deleted_too(
    monkeypatch: pytest.MonkeyPatch, late_endpoint_at: int
) -> None:
    environment = Environment(late_endpoint_at)
    monkeypatch.setattr("time.monotonic", lambda: environment.seconds)
    monkeypatch.setattr("time.sleep", lambda _: None)
    with stubbed("sagemaker") as stub:
        found = SageMakerReaper(stub.client, OURS)
    monkeypatch.setattr(found, "stop_jobs", environment.stop_jobs)
    monkeypatch.setattr(found, "reap", environment.reap)

    reaped = found.reap_for_good(in_flight_seconds=60)

    assert (reaped.stopped, reaped.deleted) == (["job"], ["late"])
    # The last look begins when nobody is left, and finds nothing.
    assert environment.seconds == max(late_endpoint_at + 2, 61)


def test_what_may_not_be_deleted_is_not_passed_over(stub: Stub) -> None:
    step = lists(stub, {}, {"lakeloop-dev-c": OURS})
    next(step)
    next(step)
    stub.refuses("delete_endpoint_config", "AccessDeniedException", "not authorized")

    with pytest.raises(ClientError, match="not authorized"):
        SageMakerReaper(stub.client, OURS).reap()


def test_of_one_dataset_only_what_serves_it_is_found(stub: Stub) -> None:
    listed = {"Models": [model("lakeloop-dev-wine"), model("lakeloop-dev-taxi")]}
    stub.answers("list_endpoints", {"Endpoints": []}, NameContains=OURS)
    stub.answers("list_endpoint_configs", {"EndpointConfigs": []}, NameContains=OURS)
    stub.answers("list_models", listed, NameContains=OURS)
    for dataset in ("wine", "taxi"):
        stub.tags(f"{ARN}:model/lakeloop-dev-{dataset}", environment=OURS, dataset=dataset)
    stub.answers("list_model_package_groups", {"ModelPackageGroupSummaryList": []}, NameContains=OURS)

    assert SageMakerReaper(stub.client, OURS, "wine").found() == ["lakeloop-dev-wine"]


@pytest.fixture
def functions() -> Iterator[Stub]:
    with stubbed("lambda") as stub:
        yield stub


@pytest.fixture
def rules() -> Iterator[Stub]:
    with stubbed("events") as stub:
        yield stub


def mapping(state: str) -> dict[str, Any]:
    return {
        "UUID": "01234567-89ab-cdef-0123-456789abcdef",
        "State": state,
        "FunctionArn": f"arn:aws:lambda:{REGION}:000000000000:function:f",
    }


def test_mappings_and_rules_say_that_the_environment_stays(functions: Stub, rules: Stub) -> None:
    start, deploy = (f"arn:aws:sqs:{REGION}:000000000000:dev-{name}" for name in ("start", "deploy"))
    functions.answers("list_event_source_mappings", {"EventSourceMappings": [mapping("Enabled")]}, EventSourceArn=start)
    functions.answers("list_event_source_mappings", {"EventSourceMappings": []}, EventSourceArn=deploy)
    rules.answers("describe_rule", {"Name": "dev-tuning"}, Name="dev-tuning")
    rules.refuses("describe_rule", "ResourceNotFoundException", request={"Name": "dev-endpoint"})

    left = Wiring(functions.client, rules.client).left([start, deploy], ["dev-tuning", "dev-endpoint"])

    assert left == ["the queue dev-start", "the rule dev-tuning"]


def test_a_mapping_that_is_being_deleted_is_gone(functions: Stub, rules: Stub) -> None:
    functions.answers("list_event_source_mappings", {"EventSourceMappings": [mapping("Deleting")]}, EventSourceArn="a")

    assert Wiring(functions.client, rules.client).left(["a"], []) == []
