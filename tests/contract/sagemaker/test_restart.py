"""What a server finds that another one left, after it was stopped or killed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.sagemaker.cloud import EVENTS_TOKEN, Cloud, EventSink, LocalServer, eventually
from tests.contract.sagemaker.conftest import local_cloud
from tests.contract.sagemaker.examples import training_job, tuning_job
from tests.contract.sagemaker.jobs import (
    Channels,
    ended_training,
    ended_tuning,
    make_config,
    make_endpoint,
    make_model,
    score,
    settled,
    trials,
)


class Restartable:
    """A server of the test's own, and who talks to it."""

    def __init__(self, state_dir: Path, aws_url: str, events: EventSink) -> None:
        self._aws_url = aws_url
        self.server = LocalServer(
            state_dir, aws_url, LAKELOOP_EVENTS_URL=events.url, LAKELOOP_EVENTS_TOKEN=EVENTS_TOKEN
        )
        self.cloud = local_cloud(self.server.url, aws_url)

    def restart(self, *, kill: bool) -> Cloud:
        if kill:
            self.server.kill()
        else:
            self.server.stop()
        self.server.start()
        self.cloud = local_cloud(self.server.url, self._aws_url)
        return self.cloud


@pytest.fixture
def restartable(tmp_path: Path, aws_url: str, events: EventSink) -> Iterator[Restartable]:
    found = Restartable(tmp_path / "state", aws_url, events)
    yield found
    found.server.stop()


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_endpoint_serves_again(restartable: Restartable, artifact: str, kill: bool) -> None:
    cloud = restartable.cloud
    name = make_endpoint(cloud, make_config(cloud, make_model(cloud, artifact)))
    before = score(cloud, name)

    cloud = restartable.restart(kill=kill)

    assert settled(cloud, name)["EndpointStatus"] == "InService"
    assert score(cloud, name) == before


def test_tuning_goes_on_where_it_was(restartable: Restartable, channels: Channels) -> None:
    cloud, name = restartable.cloud, "carried-on"
    request = tuning_job(
        cloud, name, channels, ResourceLimits={"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 1}
    )
    cloud.sagemaker.create_hyper_parameter_tuning_job(**request)
    done = eventually(
        lambda: [each for each in trials(cloud, name) if each["TrainingJobStatus"] == "Completed"], "a first trial"
    )

    cloud = restartable.restart(kill=True)

    job = ended_tuning(cloud, name)
    found = trials(cloud, name)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert job["TrainingJobStatusCounters"]["Completed"] == len(found) == 4
    kept = next(trial for trial in found if trial["TrainingJobName"] == done[0]["TrainingJobName"])
    assert kept["TrainingEndTime"] == done[0]["TrainingEndTime"]
    assert len({trial["TunedHyperParameters"]["eta"] for trial in found}) == 4


def test_training_job_that_was_cut_off_starts_again(restartable: Restartable, channels: Channels) -> None:
    cloud, name = restartable.cloud, "cut-off"
    cloud.sagemaker.create_training_job(**training_job(cloud, name, channels, num_round="2000"))
    eventually(
        lambda: cloud.sagemaker.describe_training_job(TrainingJobName=name)["SecondaryStatus"] == "Training",
        "training to begin",
    )

    cloud = restartable.restart(kill=True)

    job = ended_training(cloud, name)
    assert job["TrainingJobStatus"] == "Completed"
    assert "Restarting" in [each["Status"] for each in job["SecondaryStatusTransitions"]]


def test_update_that_was_cut_off_ends(restartable: Restartable, artifact: str, other_artifact: str) -> None:
    cloud = restartable.cloud
    name = make_endpoint(cloud, make_config(cloud, make_model(cloud, artifact)))
    config = make_config(cloud, make_model(cloud, other_artifact))
    routing: Any = {
        "Type": "CANARY",
        "WaitIntervalInSeconds": 120,
        "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 50},
    }
    cloud.sagemaker.update_endpoint(
        EndpointName=name,
        EndpointConfigName=config,
        DeploymentConfig={"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}},
    )

    cloud = restartable.restart(kill=True)

    found = settled(cloud, name)
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", config)


def test_events_that_nobody_took_are_delivered_by_the_next_server(
    tmp_path: Path, aws_url: str, events: EventSink, channels: Channels
) -> None:
    nobody = "http://127.0.0.1:1/"
    server = LocalServer(tmp_path, aws_url, LAKELOOP_EVENTS_URL=nobody, LAKELOOP_EVENTS_TOKEN=EVENTS_TOKEN)
    cloud = local_cloud(server.url, aws_url)
    cloud.sagemaker.create_training_job(**training_job(cloud, "unheard", channels))
    ended_training(cloud, "unheard")
    server.stop()

    server.environment["LAKELOOP_EVENTS_URL"] = events.url
    server.start()

    def told() -> bool:
        details = events.details("SageMaker Training Job State Change")
        return [each["TrainingJobStatus"] for each in details if each["TrainingJobName"] == "unheard"] == [
            *("InProgress", "InProgress", "Completed", "Completed")
        ]

    eventually(told, "the events of the first server", seconds=15)
    server.stop()
