"""One SageMaker for the whole folder, and data in its S3."""

import os
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.contract.sagemaker.cloud import (
    EVENTS_TOKEN,
    ROLE_VARIABLE,
    Cloud,
    EventSink,
    LocalServer,
    event_sink,
)
from tests.contract.sagemaker.requests import channel, csv

LOCAL_ROLE = "arn:aws:iam::000000000000:role/sagemaker"


@pytest.fixture(scope="session")
def aws_url() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def events() -> Iterator[EventSink]:
    with event_sink() as sink:
        yield sink


@pytest.fixture(scope="session")
def cloud(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    if role := os.environ.get(ROLE_VARIABLE):
        session = boto3.Session()
        account = session.client("sts").get_caller_identity()["Account"]
        found = Cloud(role, f"lakeloop-contract-{account}", session)
        make_bucket(found)
        yield found
        return
    aws_url = request.getfixturevalue("aws_url")
    sink = request.getfixturevalue("events")
    server = LocalServer(
        tmp_path_factory.mktemp("sagemaker"),
        aws_url,
        LAKELOOP_EVENTS_URL=sink.url,
        LAKELOOP_EVENTS_TOKEN=EVENTS_TOKEN,
    )
    yield local_cloud(server, aws_url)
    server.stop()


def local_cloud(server: LocalServer, aws_url: str) -> Cloud:
    session = boto3.Session("test", "test", region_name="us-east-1")
    found = Cloud(LOCAL_ROLE, "contract", session, aws_url, server.url)
    make_bucket(found)
    return found


def make_bucket(cloud: Cloud) -> None:
    existing = [bucket["Name"] for bucket in cloud.s3.list_buckets()["Buckets"]]
    if cloud.bucket not in existing:
        cloud.s3.create_bucket(Bucket=cloud.bucket)


@pytest.fixture(scope="session")
def channels(cloud: Cloud) -> list[dict[str, Any]]:
    """CSV, a train and a validation channel."""
    train = cloud.put(f"{cloud.prefix}/data/train/rows.csv", csv(300, seed=1))
    validation = cloud.put(f"{cloud.prefix}/data/validation/rows.csv", csv(100, seed=2))
    return [channel("train", train), channel("validation", validation)]
