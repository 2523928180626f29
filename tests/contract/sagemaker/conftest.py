"""One SageMaker for the whole folder, and data and a model in its S3."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
import requests
from moto.server import ThreadedMotoServer

from tests.contract.sagemaker.cloud import (
    EVENTS_TOKEN,
    ROLE_VARIABLE,
    Cloud,
    EventSink,
    LocalServer,
    event_sink,
)
from tests.contract.sagemaker.examples import channel, csv
from tests.contract.sagemaker.jobs import make_config, make_endpoint, make_model, remove_endpoint, train

LOCAL_ROLE = "arn:aws:iam::000000000000:role/sagemaker"
SetFaults = Callable[..., None]


@pytest.fixture(scope="session")
def aws_url() -> Iterator[str]:
    """S3, CloudWatch and its logs, in memory."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def events() -> Iterator[EventSink]:
    only_local()
    with event_sink() as sink:
        yield sink


@pytest.fixture(scope="session")
def local_server(aws_url: str, events: EventSink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    only_local()
    server = LocalServer(
        tmp_path_factory.mktemp("sagemaker"),
        aws_url,
        LAKELOOP_EVENTS_URL=events.url,
        LAKELOOP_EVENTS_TOKEN=EVENTS_TOKEN,
    )
    yield server
    server.stop()


@pytest.fixture(scope="session")
def cloud(request: pytest.FixtureRequest) -> Cloud:
    if role := os.environ.get(ROLE_VARIABLE):
        session = boto3.Session()
        account = session.client("sts").get_caller_identity()["Account"]
        found = Cloud(role, f"lakeloop-contract-{account}", session)
        make_bucket(found)
        return found
    return local_cloud(request.getfixturevalue("local_server").url, request.getfixturevalue("aws_url"))


@pytest.fixture
def set_faults(local_server: LocalServer) -> Iterator[SetFaults]:
    """What goes wrong until the end of the test."""

    def put(**faults: Any) -> None:  # noqa: ANN401 - they are JSON
        url = f"{local_server.url}/_lakeloop/faults"
        requests.put(url, json=faults, timeout=5).raise_for_status()

    yield put
    put()


@pytest.fixture(scope="session")
def channels(cloud: Cloud) -> list[dict[str, Any]]:
    """CSV, a train and a validation channel."""
    train_uri = cloud.put(f"{cloud.prefix}/data/train/rows.csv", csv(300, seed=1))
    validation_uri = cloud.put(f"{cloud.prefix}/data/validation/rows.csv", csv(100, seed=2))
    return [channel("train", train_uri), channel("validation", validation_uri)]


@pytest.fixture(scope="session")
def artifact(cloud: Cloud, channels: list[dict[str, Any]]) -> str:
    """The model.tar.gz of a trained model."""
    job = train(cloud, channels)
    assert job["TrainingJobStatus"] == "Completed", job
    return str(job["ModelArtifacts"]["S3ModelArtifacts"])


@pytest.fixture(scope="session")
def other_artifact(cloud: Cloud, channels: list[dict[str, Any]]) -> str:
    """A model that scores differently."""
    return str(train(cloud, channels, num_round="1")["ModelArtifacts"]["S3ModelArtifacts"])


@pytest.fixture(scope="session")
def model(cloud: Cloud, artifact: str) -> str:
    return make_model(cloud, artifact)


@pytest.fixture(scope="session")
def other_model(cloud: Cloud, other_artifact: str) -> str:
    return make_model(cloud, other_artifact)


@pytest.fixture
def endpoint(cloud: Cloud, model: str) -> Iterator[str]:
    name = make_endpoint(cloud, make_config(cloud, model))
    yield name
    remove_endpoint(cloud, name)


def only_local() -> None:
    if ROLE_VARIABLE in os.environ:
        pytest.skip("only the local SageMaker can be looked into like this")


def local_cloud(url: str, aws_url: str) -> Cloud:
    session = boto3.Session("test", "test", region_name="us-east-1")
    found = Cloud(LOCAL_ROLE, "contract", session, aws_url, url)
    make_bucket(found)
    return found


def make_bucket(cloud: Cloud) -> None:
    existing = [bucket["Name"] for bucket in cloud.s3.list_buckets()["Buckets"]]
    if cloud.bucket not in existing:
        cloud.s3.create_bucket(Bucket=cloud.bucket)
