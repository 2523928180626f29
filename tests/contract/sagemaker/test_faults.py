"""The bad days of AWS, on request."""

import time
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from tests.contract.sagemaker.cloud import Cloud, EventSink, LocalServer
from tests.contract.sagemaker.conftest import SetFaults
from tests.contract.sagemaker.examples import training_job, tuning_job
from tests.contract.sagemaker.jobs import Channels, ended_training, make_config, score, settled, train, trials, tune


def test_quota_of_endpoints(cloud: Cloud, model: str, set_faults: SetFaults) -> None:
    set_faults(quotas={"ml.m5.large for endpoint usage": 0})

    with pytest.raises(ClientError) as refused:
        cloud.sagemaker.create_endpoint(EndpointName=cloud.name("quota"), EndpointConfigName=make_config(cloud, model))

    assert refused.value.response["Error"]["Code"] == "ResourceLimitExceeded"
    assert "The account-level service limit 'ml.m5.large for endpoint usage' is 0" in str(refused.value)


def test_quota_of_training_jobs(cloud: Cloud, channels: Channels, set_faults: SetFaults) -> None:
    set_faults(quotas={"ml.m5.large for training job usage": 0})

    for create in (
        lambda: cloud.sagemaker.create_training_job(**training_job(cloud, cloud.name("quota"), channels)),
        lambda: cloud.sagemaker.create_hyper_parameter_tuning_job(**tuning_job(cloud, cloud.name("quota"), channels)),
    ):
        with pytest.raises(ClientError) as refused:
            create()
        assert refused.value.response["Error"]["Code"] == "ResourceLimitExceeded"


def test_failing_trial_leaves_the_others(cloud: Cloud, channels: Channels, set_faults: SetFaults) -> None:
    name = cloud.name("partly")[:32]
    set_faults(failing_training_jobs=[f"{name}-002"])

    job = tune(cloud, tuning_job(cloud, name, channels))

    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert [trial["TrainingJobStatus"] for trial in trials(cloud, name)] == ["Completed", "Failed", "Completed"]
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 2, "Pending": 0, "Failed": 1}


def test_container_that_answers_with_an_error(cloud: Cloud, endpoint: str, set_faults: SetFaults) -> None:
    set_faults(invocation_status={"": 500})

    with pytest.raises(cloud.runtime.exceptions.ModelError) as refused:
        score(cloud, endpoint)

    response: Any = refused.value.response
    assert response["OriginalStatusCode"] == 500


def test_slow_container(cloud: Cloud, endpoint: str, set_faults: SetFaults) -> None:
    set_faults(invocation_delay_seconds={"": 0.5})

    started = time.monotonic()
    score(cloud, endpoint)

    assert time.monotonic() - started >= 0.5


def test_fresh_endpoint_config_is_not_seen_at_once(cloud: Cloud, model: str, set_faults: SetFaults) -> None:
    set_faults(endpoint_config_delay_seconds=1.5)
    config, name = make_config(cloud, model), cloud.name("fresh")

    with pytest.raises(ClientError, match="Could not find endpoint configuration"):
        cloud.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)

    assert cloud.sagemaker.describe_endpoint_config(EndpointConfigName=config)
    time.sleep(1.5)
    cloud.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
    settled(cloud, name)
    cloud.sagemaker.delete_endpoint(EndpointName=name)


def test_late_events(cloud: Cloud, channels: Channels, events: EventSink, set_faults: SetFaults) -> None:
    set_faults(event_delay_seconds=30)

    job = train(cloud, channels)
    time.sleep(1)

    assert [entry for entry in events.entries if entry["Resources"] == [job["TrainingJobArn"]]] == []


def test_unknown_fault_is_refused(local_server: LocalServer) -> None:
    answer = requests.put(f"{local_server.url}/_lakeloop/faults", json={"earthquake": True}, timeout=5)

    assert answer.status_code == 400
    assert "unknown faults earthquake" in answer.json()["message"]


def test_faults_end_when_they_are_deleted(cloud: Cloud, channels: Channels, local_server: LocalServer) -> None:
    url = f"{local_server.url}/_lakeloop/faults"
    requests.put(url, json={"failing_training_jobs": [""]}, timeout=5)
    name = cloud.name("failing")
    cloud.sagemaker.create_training_job(**training_job(cloud, name, channels))
    assert ended_training(cloud, name)["TrainingJobStatus"] == "Failed"

    requests.delete(url, timeout=5)

    assert train(cloud, channels)["TrainingJobStatus"] == "Completed"
