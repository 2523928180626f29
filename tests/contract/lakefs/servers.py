"""Servers to test on, and the few steps that most tests begin with."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import urllib3
from lakefs_sdk import (
    AccessKeyCredentials,
    BranchCreation,
    Commit,
    CommitCreation,
    Configuration,
    Merge,
    ObjectStats,
    RepositoryCreation,
    Setup,
    StagingLocation,
    StagingMetadata,
)
from lakefs_sdk.client import LakeFSClient
from lakefs_sdk.exceptions import ApiException
from moto.server import ThreadedMotoServer

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

BUCKET = "lake"
_ROOT = Path(__file__).resolve().parents[3]
_START_SECONDS = 20
_LISTENING = re.compile(r"listening on (http://127\.0\.0\.1:\d+)")


@dataclass(frozen=True)
class Server:
    """A lakeFS server that is set up."""

    endpoint: str
    access_key_id: str
    secret_access_key: str
    storage_namespace: str

    def client(self) -> LakeFSClient:
        configuration = Configuration(host=self.endpoint, username=self.access_key_id, password=self.secret_access_key)
        # A retry of urllib3's own would hide what the server did with the first try; redirects lead to presigned URLs.
        # The SDK writes dates with an offset of +0000, which the server refuses.
        configuration.datetime_format = "%Y-%m-%dT%H:%M:%S.%fZ"
        configuration.retries = urllib3.Retry(total=None, connect=0, read=0, status=0, other=0, redirect=1)
        return LakeFSClient(configuration)

    @property
    def headers(self) -> dict[str, str]:
        return dict(urllib3.make_headers(basic_auth=f"{self.access_key_id}:{self.secret_access_key}"))


@contextmanager
def start_s3() -> Iterator[dict[str, str]]:
    """A moto server with one bucket; the environment that leads boto3 to it."""
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }
    try:
        s3_client(environment).create_bucket(Bucket=BUCKET)
        yield environment
    finally:
        moto.stop()


def s3_client(environment: Mapping[str, str]) -> S3Client:
    return boto3.client(
        "s3",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_REGION"],
    )


class StandIn:
    """A stand-in server in a process of its own, that can be killed and started again on the same state."""

    def __init__(self, folder: Path, s3: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = {**os.environ, **s3}
        self._process: subprocess.Popen[bytes] | None = None
        self.endpoint = ""

    @classmethod
    @contextmanager
    def start(cls, folder: Path, s3: Mapping[str, str]) -> Iterator[StandIn]:
        stand_in = cls(folder, s3)
        stand_in.restart()
        try:
            yield stand_in
        finally:
            stand_in.stop(signal.SIGTERM)

    def restart(self) -> None:
        log = self._folder / f"lakefs-{uuid.uuid4().hex}.log"
        command = [
            sys.executable,
            "-m",
            "lakeloop.local.lakefs",
            "--port",
            "0",
            "--state-dir",
            str(self._folder / "state"),
        ]
        with log.open("wb") as output:
            self._process = subprocess.Popen(command, cwd=_ROOT, env=self._environment, stderr=output)
        self.endpoint = _wait_for_endpoint(log)

    def stop(self, how: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(how)
        return self._process.wait(timeout=10)

    def set_up(self) -> Server:
        setup = Setup(
            username="admin", key=AccessKeyCredentials(access_key_id="AKIATEST", secret_access_key="a-test-secret")
        )
        LakeFSClient(Configuration(host=self.endpoint)).internal_api.setup(setup)
        return self.server()

    def server(self) -> Server:
        return Server(self.endpoint, "AKIATEST", "a-test-secret", f"s3://{BUCKET}/{uuid.uuid4().hex}")


def _wait_for_endpoint(log: Path) -> str:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if match := _LISTENING.search(log.read_text(encoding="utf-8")):
            return match[1]
        time.sleep(0.05)
    raise TimeoutError(f"the stand-in did not start: {log.read_text(encoding='utf-8')}")


def refusal(error: pytest.ExceptionInfo[ApiException]) -> tuple[int, str]:
    """Status and message of what the server refused."""
    return error.value.status, json.loads(error.value.body).get("message", "")


def all_pages(call: Callable[..., Any]) -> Iterator[Any]:
    """Everything a listing has; the SDK's models are untyped."""
    after = ""
    while True:
        page = call(amount=1000, after=after)
        yield from page.results
        if not page.pagination.has_more:
            return
        after = page.pagination.next_offset


@dataclass(frozen=True)
class Repository:
    """A repository and short names for what tests do to it over and over."""

    client: LakeFSClient
    id: str
    storage_namespace: str

    @classmethod
    def create(cls, client: LakeFSClient, server: Server, name: str) -> Repository:
        namespace = f"{server.storage_namespace}/{name}"
        client.repositories_api.create_repository(
            RepositoryCreation(name=name, storage_namespace=namespace, default_branch="main")
        )
        return cls(client, name, namespace)

    def branch(self, name: str, source: str = "main", *, hidden: bool = False) -> str:
        self.client.branches_api.create_branch(self.id, BranchCreation(name=name, source=source, hidden=hidden))
        return name

    def put(self, branch: str, path: str, content: bytes, **facts: object) -> ObjectStats:
        """Write through a presigned URL, as a client without rights on the bucket does."""
        location = self.client.staging_api.get_physical_address(self.id, branch, path, presign=True)
        answer = urllib3.request("PUT", location.presigned_url, body=content)
        assert answer.status == 200, answer.data
        metadata = StagingMetadata(
            staging=location, checksum=hashlib.sha256(content).hexdigest(), size_bytes=len(content), **facts
        )
        return self.client.staging_api.link_physical_address(self.id, branch, path, metadata)

    def link(self, branch: str, path: str, address: str, size: int) -> ObjectStats:
        """Register an object that lies elsewhere, as an import does."""
        location = StagingLocation(physical_address=address)
        metadata = StagingMetadata(staging=location, checksum=address, size_bytes=size)
        return self.client.staging_api.link_physical_address(self.id, branch, path, metadata)

    def commit(self, branch: str, message: str = "a commit", **facts: object) -> Commit:
        return self.client.commits_api.commit(self.id, branch, CommitCreation(message=message, **facts))

    def put_and_commit(self, branch: str, path: str, content: bytes) -> Commit:
        self.put(branch, path, content)
        return self.commit(branch, f"{path} on {branch}")

    def merge(self, source: str, destination: str = "main", **facts: object) -> str:
        answer = self.client.refs_api.merge_into_branch(self.id, source, destination, merge=Merge(**facts))
        return str(answer.reference)

    def read(self, ref: str, path: str) -> bytes:
        return bytes(self.client.objects_api.get_object(self.id, ref, path))

    def paths(self, ref: str, prefix: str = "") -> list[str]:
        pages = all_pages(partial(self.client.objects_api.list_objects, self.id, ref, prefix=prefix))
        return [stats.path for stats in pages]

    def log(self, ref: str, **facts: object) -> list[Commit]:
        return list(all_pages(partial(self.client.refs_api.log_commits, self.id, ref, **facts)))

    def head(self, branch: str) -> str:
        return str(self.client.branches_api.get_branch(self.id, branch).commit_id)
