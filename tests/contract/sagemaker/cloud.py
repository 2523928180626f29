"""A running SageMaker to test: the local one with its own S3, or the one that boto3 finds.

`SAGEMAKER_ROLE_ARN` names an execution role and thereby chooses the latter: an AWS account, or a local cloud that is up
and whose `.local/env` was sourced. Without it every test session starts its own.
"""

import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from botocore.config import Config

from tests.contract.sagemaker.checked_client import check_responses

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

ROOT = Path(__file__).parents[3]
ROLE_VARIABLE = "SAGEMAKER_ROLE_ARN"
EVENTS_TOKEN = "token-of-the-test"
T = TypeVar("T")
# Every failure must be seen: none may be hidden by a second attempt.
NO_RETRIES = Config(retries={"total_max_attempts": 1}, max_pool_connections=64)


@dataclass
class Cloud:
    """What a test talks to. `role` and `bucket` exist; `prefix` keeps the names of one test session apart."""

    role: str
    bucket: str
    session: boto3.Session
    aws_url: str | None = None
    sagemaker_url: str | None = None
    prefix: str = field(default_factory=lambda: f"t{uuid.uuid4().hex[:5]}")

    @cached_property
    def sagemaker(self) -> "SageMakerClient":
        client = self.session.client("sagemaker", endpoint_url=self.sagemaker_url, config=NO_RETRIES)
        check_responses(client)
        return client

    @cached_property
    def runtime(self) -> "SageMakerRuntimeClient":
        return self.session.client("sagemaker-runtime", endpoint_url=self.sagemaker_url, config=NO_RETRIES)

    @cached_property
    def s3(self) -> "S3Client":
        return self.session.client("s3", endpoint_url=self.aws_url)

    @cached_property
    def cloudwatch(self) -> "CloudWatchClient":
        return self.session.client("cloudwatch", endpoint_url=self.aws_url)

    def get(self, uri: str) -> bytes:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def keys(self, prefix: str) -> list[str]:
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [each["Key"] for each in found.get("Contents", [])]

    def name(self, what: str) -> str:
        return f"{self.prefix}-{what}-{uuid.uuid4().hex[:6]}"

    def put(self, key: str, body: bytes) -> str:
        """The object's URI."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return f"s3://{self.bucket}/{key}"


@dataclass
class EventSink:
    """Stands where the emulator takes trusted events."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    def details(self, detail_type: str) -> list[dict[str, Any]]:
        return [json.loads(entry["Detail"]) for entry in list(self.entries) if entry["DetailType"] == detail_type]


@contextmanager
def event_sink() -> Iterator[EventSink]:
    sink = EventSink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            trusted = self.headers["X-Lakeloop-Token"] == EVENTS_TOKEN
            if trusted:
                sink.entries.extend(body["Entries"])
            answer = json.dumps({"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}).encode()
            self.send_response(200 if trusted else 403)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sink.url = f"http://127.0.0.1:{server.server_port}/_lakeloop/events"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield sink
    server.shutdown()
    server.server_close()


class LocalServer:
    """`python -m lakeloop.local.sagemaker`, which can be killed and started again on the same state."""

    def __init__(self, state_dir: Path, aws_url: str, **environment: str) -> None:
        self.state_dir = state_dir
        self.environment = {
            "PATH": os.environ["PATH"],
            "AWS_ENDPOINT_URL": aws_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            **environment,
        }
        self.log = state_dir / "server.log"
        self.url = ""
        self.start()

    def start(self) -> None:
        self.state_dir.mkdir(parents=True, exist_ok=True)
        before = len(self.log.read_text()) if self.log.exists() else 0
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "lakeloop.local.sagemaker", "--port", "0", "--state-dir", str(self.state_dir)],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
            )
        self.url = eventually(lambda: self._announced(before), "the server to say where it listens", seconds=20)

    def _announced(self, since: int) -> str | None:
        assert self.process.poll() is None, f"the server did not come up:\n{self.log.read_text()}"
        lines = [line for line in self.log.read_text()[since:].splitlines() if line.startswith("local SageMaker on ")]
        return lines[-1].split()[3].rstrip(",") if lines else None

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(timeout=20)


def eventually(check: Callable[[], T | None], what: str, seconds: float = 60.0) -> T:
    """The first answer that is neither None nor false."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = check()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds:g} s for {what}")
