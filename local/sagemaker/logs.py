"""What containers print, in CloudWatch Logs under SageMaker's names."""

import logging
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

log = logging.getLogger(__name__)
TRAINING_GROUP = "/aws/sagemaker/TrainingJobs"
TRANSFORM_GROUP = "/aws/sagemaker/TransformJobs"
ENDPOINT_GROUP = "/aws/sagemaker/Endpoints/{name}"
# Lines wait so long for others to be sent with them.
BATCH_SECONDS = 0.5
# What PutLogEvents takes at a time: so many events, so many bytes, and this much of them for each event.
MOST_EVENTS = 10_000
MOST_BYTES = 1_048_576
EVENT_BYTES = 26
LONGEST_LINE = 200_000


@dataclass(frozen=True)
class Stream:
    group: str
    name: str


@dataclass(frozen=True)
class Line:
    stream: Stream
    time_ms: int
    text: str


class Logs:
    """Takes lines at once and sends them from a thread of its own: a slow or absent log never holds up a job."""

    def __init__(self, region: str) -> None:
        config = Config(connect_timeout=2, read_timeout=5, retries={"max_attempts": 1})
        self._client: CloudWatchLogsClient = boto3.client("logs", region_name=region, config=config)
        self._lines: queue.SimpleQueue[Line | None] = queue.SimpleQueue()
        self._known: set[Stream] = set()
        self._thread = threading.Thread(target=self._send_all, name="logs", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def write(self, stream: Stream, text: str) -> None:
        # PutLogEvents refuses empty messages.
        if text:
            self._lines.put(Line(stream, int(time.time() * 1000), text[:LONGEST_LINE]))

    def close(self) -> None:
        self._lines.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _send_all(self) -> None:
        while (line := self._lines.get()) is not None:
            time.sleep(BATCH_SECONDS)
            batch: dict[Stream, list[Line]] = {line.stream: [line]}
            ended = self._collect(batch)
            for stream, lines in batch.items():
                self._send(stream, lines)
            if ended:
                return

    def _collect(self, batch: dict[Stream, list[Line]]) -> bool:
        """Add all that waits; whether it was the last."""
        while True:
            try:
                line = self._lines.get_nowait()
            except queue.Empty:
                return False
            if line is None:
                return True
            batch.setdefault(line.stream, []).append(line)

    def _send(self, stream: Stream, lines: list[Line]) -> None:
        try:
            if stream not in self._known:
                self._create(stream)
            for part in parts(lines):
                self._client.put_log_events(
                    logGroupName=stream.group,
                    logStreamName=stream.name,
                    logEvents=[{"timestamp": line.time_ms, "message": line.text} for line in part],
                )
        except (ClientError, BotoCoreError) as error:
            log.warning("%d lines of %s are lost: %s", len(lines), stream, error)

    def _create(self, stream: Stream) -> None:
        with _existing_is_fine():
            self._client.create_log_group(logGroupName=stream.group)
        with _existing_is_fine():
            self._client.create_log_stream(logGroupName=stream.group, logStreamName=stream.name)
        self._known.add(stream)


def parts(lines: list[Line]) -> Iterator[list[Line]]:
    """As many lines at a time as PutLogEvents takes."""
    part: list[Line] = []
    size = 0
    for line in lines:
        needed = len(line.text.encode()) + EVENT_BYTES
        if part and (len(part) == MOST_EVENTS or size + needed > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(line)
        size += needed
    if part:
        yield part


@contextmanager
def _existing_is_fine() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
            raise
