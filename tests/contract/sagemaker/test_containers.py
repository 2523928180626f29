"""The containers behind endpoints: when they begin and end, what they log and are counted by."""

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from tests.contract.sagemaker.cloud import Cloud, LocalServer, eventually
from tests.contract.sagemaker.jobs import make_config, make_endpoint, make_model, remove_endpoint, score


def test_deleted_endpoint_is_gone_with_its_container(cloud: Cloud, model: str, local_server: LocalServer) -> None:
    before = serving(local_server)
    name = make_endpoint(cloud, make_config(cloud, model))
    assert len(serving(local_server) - before) == 1

    remove_endpoint(cloud, name)

    eventually(lambda: serving(local_server) <= before, "the container to end", seconds=15)
    eventually(lambda: is_gone(cloud, name), "the endpoint to be gone", seconds=15)


def is_gone(cloud: Cloud, endpoint: str) -> bool:
    try:
        cloud.sagemaker.describe_endpoint(EndpointName=endpoint)
    except ClientError as error:
        return str(error.response["Error"]["Message"]).startswith("Could not find endpoint")
    return False


def test_container_that_dies_is_started_again(cloud: Cloud, model: str, local_server: LocalServer) -> None:
    before = serving(local_server)
    name = make_endpoint(cloud, make_config(cloud, model))
    (container,) = serving(local_server) - before

    psutil.Process(container).send_signal(signal.SIGKILL)

    eventually(lambda: serving(local_server) - before - {container}, "another container", seconds=15)
    assert eventually(lambda: answers(cloud, name), "an answer", seconds=15)
    remove_endpoint(cloud, name)


def answers(cloud: Cloud, endpoint: str, body: str = "1,2,3,4") -> bool:
    try:
        return float(score(cloud, endpoint, body)) > 0
    except ClientError:
        return False


def test_logs_of_the_container(cloud: Cloud, endpoint: str, local_server: LocalServer) -> None:
    logs = cloud.session.client("logs", endpoint_url=cloud.aws_url)
    with pytest.raises(ClientError):
        score(cloud, endpoint, "1,2")

    def found() -> str:
        try:
            lines = logs.filter_log_events(logGroupName=f"/aws/sagemaker/Endpoints/{endpoint}")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return ""
        return "\n".join(line["message"] for line in lines)

    eventually(lambda: "Feature size of text/csv inference data 2" in found(), "the line in the log", seconds=10)


def test_cloudwatch_counts_invocations_and_errors(cloud: Cloud, endpoint: str) -> None:
    cloudwatch: Any = cloud.cloudwatch
    started = datetime.now(UTC) - timedelta(minutes=5)
    for body in ("1,2,3,4", "1,2,3,4", "1,2"):
        answers(cloud, endpoint, body)

    def total(metric: str, statistic: str = "Sum") -> float:
        points = cloudwatch.get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName=metric,
            Dimensions=[{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": "AllTraffic"}],
            StartTime=started,
            EndTime=datetime.now(UTC) + timedelta(minutes=5),
            Period=3600,
            Statistics=[statistic],
        )["Datapoints"]
        return float(sum(point[statistic] for point in points))

    eventually(lambda: total("Invocations") == 3, "the count", seconds=300 if cloud.sagemaker_url is None else 10)
    assert (total("Invocation4XXErrors"), total("Invocation5XXErrors")) == (1, 0)
    # In microseconds.
    assert 100 < total("ModelLatency", "Average") < 5_000_000


def serving(server: LocalServer) -> set[int]:
    """The serving containers of the server, by process id."""
    children = psutil.Process(server.process.pid).children()
    return {child.pid for child in children if "lakeloop.local.sagemaker.containers.xgboost.serve" in command(child)}


def command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def test_no_container_outlives_a_killed_server(
    cloud: Cloud, artifact: str, aws_url: str, tmp_path: Path, local_server: LocalServer
) -> None:
    server = LocalServer(tmp_path, aws_url)
    mine = Cloud(cloud.role, cloud.bucket, cloud.session, aws_url, server.url)
    make_endpoint(mine, make_config(mine, make_model(mine, artifact)))
    containers = serving(server)

    server.kill()

    assert containers
    eventually(lambda: not [pid for pid in containers if psutil.pid_exists(pid)], "the containers to end", seconds=10)
