"""What EventBridge is told. AWS may send an event twice, so the local SageMaker always does."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.sagemaker.cloud import Cloud, EventSink, eventually
from tests.contract.sagemaker.examples import IMAGE, tuning_job
from tests.contract.sagemaker.jobs import Channels, make_config, make_endpoint, remove_endpoint, train, trials, tune


def entries(events: EventSink, arn: str, count: int) -> list[dict[str, Any]]:
    """The events of a resource, when there are so many, in the order they came."""

    def found() -> list[dict[str, Any]] | None:
        about = [entry for entry in list(events.entries) if entry["Resources"] == [arn]]
        return about if len(about) >= count else None

    return eventually(found, f"{count} events of {arn}", seconds=15)


@pytest.fixture
def statuses(events: EventSink) -> Callable[..., list[str]]:
    """The statuses in the events of a resource, each once, in order."""

    def told(detail_type: str, name: str, value: str, status: str) -> list[str]:
        details = [detail for detail in events.details(detail_type) if detail.get(name) == value]
        return list(dict.fromkeys(detail[status] for detail in details))

    return told


def test_tuning_and_its_trials(cloud: Cloud, channels: Channels, events: EventSink) -> None:
    name = cloud.name("events")[:32]
    request = tuning_job(cloud, name, channels)
    request["Tags"] = [{"Key": "team", "Value": "blue"}]
    job = tune(cloud, request)

    told = entries(events, job["HyperParameterTuningJobArn"], 4)

    assert [entry["Source"] for entry in told] == ["aws.sagemaker"] * 4
    details = events.details("SageMaker HyperParameter Tuning Job State Change")
    mine = [detail for detail in details if detail["HyperParameterTuningJobName"] == name]
    assert [detail["HyperParameterTuningJobStatus"] for detail in mine] == [
        *("InProgress", "InProgress", "Completed", "Completed")
    ]
    last = mine[-1]
    assert last["TrainingJobStatusCounters"]["Completed"] == 3
    assert last["Tags"] == {"team": "blue"}
    assert last["CreationTime"] == int(job["CreationTime"].timestamp() * 1000)
    # As on AWS: who wants the best trial has to ask for it.
    assert "BestTrainingJob" not in last
    trial = trials(cloud, name)[0]
    entries(events, trial["TrainingJobArn"], 4)
    training = [
        detail
        for detail in events.details("SageMaker Training Job State Change")
        if detail["TrainingJobArn"] == trial["TrainingJobArn"]
    ]
    assert {detail["TuningJobArn"] for detail in training} == {job["HyperParameterTuningJobArn"]}


def test_endpoint_spells_its_status_in_capitals(
    cloud: Cloud, model: str, other_model: str, events: EventSink, statuses: Callable[..., list[str]]
) -> None:
    name = make_endpoint(cloud, make_config(cloud, model))
    config = make_config(cloud, other_model)
    cloud.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config)
    remove_endpoint(cloud, name)

    def told() -> list[str] | None:
        found = statuses("SageMaker Endpoint State Change", "EndpointName", name, "EndpointStatus")
        return found if "DELETING" in found else None

    assert eventually(told, "the last event", seconds=15) == ["CREATING", "IN_SERVICE", "UPDATING", "DELETING"]
    details = events.details("SageMaker Endpoint State Change")
    mine = [detail for detail in details if detail["EndpointName"] == name]
    in_service = [detail["EndpointConfigName"] for detail in mine if detail["EndpointStatus"] == "IN_SERVICE"]
    assert in_service[-1] == config
    deployment = events.details("SageMaker Endpoint Deployment State Change")
    assert config in [each["PendingDeploymentSummary"]["EndpointConfigName"] for each in deployment]


def test_training_job_on_its_own(
    cloud: Cloud, channels: Channels, events: EventSink, statuses: Callable[..., list[str]]
) -> None:
    job = train(cloud, channels)

    entries(events, job["TrainingJobArn"], 4)

    told = statuses(
        "SageMaker Training Job State Change", "TrainingJobName", job["TrainingJobName"], "TrainingJobStatus"
    )
    assert told == ["InProgress", "Completed"]


def test_approval_of_a_model_package(cloud: Cloud, artifact: str, events: EventSink) -> None:
    group = cloud.name("group")
    cloud.sagemaker.create_model_package_group(ModelPackageGroupName=group)
    specification: Any = {
        "Containers": [{"Image": IMAGE, "ModelDataUrl": artifact}],
        "SupportedContentTypes": ["text/csv"],
    }
    arn = cloud.sagemaker.create_model_package(ModelPackageGroupName=group, InferenceSpecification=specification)[
        "ModelPackageArn"
    ]

    cloud.sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")

    entries(events, arn, 4)
    details = [
        detail for detail in events.details("SageMaker Model Package State Change") if detail["ModelPackageArn"] == arn
    ]
    assert details[0]["ModelApprovalStatus"] == "PendingManualApproval"
    assert details[-1]["ModelApprovalStatus"] == "Approved"
    assert details[-1]["UpdatedModelPackageFields"] == ["ModelApprovalStatus"]
    assert details[-1]["CreationTime"].endswith("Z")
