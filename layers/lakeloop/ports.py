"""What the domain asks of the outside world; `lakeloop.adapters` answers with AWS and lakeFS, tests with memory."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from lakeloop.contract import DatasetContract
from lakeloop.messages import DataCommitted


class ByteStream(Protocol):
    """A body that is read once, in pieces."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class LakeObject:
    """One object at a lakeFS reference; `physical_address` is where its bytes lie in S3."""

    path: str
    physical_address: str
    size_bytes: int


@dataclass(frozen=True)
class LakeCommit:
    id: str
    metadata: Mapping[str, str]


class Contracts(Protocol):
    def get(self, dataset: str) -> DatasetContract:
        """Raises UnknownDatasetError when no contract of that name is deployed."""


class Landing(Protocol):
    def current_version(self, key: str) -> str | None:
        """The version a reader of the key gets now, None when it is deleted."""

    def open(self, key: str, version: str) -> ByteStream: ...


class Artifacts(Protocol):
    def uri(self, key: str) -> str: ...

    def put(self, key: str, body: bytes) -> str:
        """Write the object and answer its s3:// address."""

    def upload(self, key: str, file: Path) -> str: ...


class Lake(Protocol):
    """The versioned side: one repository per dataset, `main` protected."""

    def ensure_branch(self, repository: str, branch: str) -> None:
        """Create a hidden branch from main, or keep the one a crashed attempt left."""

    def upload(self, repository: str, branch: str, path: str, file: Path) -> None: ...

    def delete(self, repository: str, branch: str, path: str) -> None: ...

    def objects(self, repository: str, ref: str, prefix: str) -> Iterator[LakeObject]: ...

    def uncommitted(self, repository: str, branch: str) -> set[str]:
        """Paths that differ from the branch's last commit."""

    def commit(self, repository: str, branch: str, message: str, metadata: Mapping[str, str]) -> LakeCommit:
        """Commit what is uncommitted; with nothing to commit, the branch's last commit."""

    def merge(self, repository: str, branch: str, message: str, metadata: Mapping[str, str]) -> LakeCommit:
        """Merge into main; with nothing to merge, the head of main. A conflict deletes the branch and is transient."""

    def delete_branch(self, repository: str, branch: str) -> None: ...

    def head(self, repository: str) -> str:
        """The commit that main points to."""

    def log(self, repository: str, ref: str) -> Iterator[LakeCommit]:
        """Commits from `ref` back to the first, along main's own line."""


class Publisher(Protocol):
    def publish(self, message: DataCommitted) -> None: ...


@dataclass(frozen=True)
class TuningRun:
    """A tuning job as far as decisions need it; `commit` is empty where the job carries no tag of ours."""

    name: str
    commit: str
    status: str
    created: datetime


class Tuner(Protocol):
    def latest(self, name_contains: str) -> TuningRun | None: ...

    def start(self, request: Mapping[str, object], tags: Mapping[str, str]) -> bool:
        """Start the job; False when the same job is already there. A job of that name on other data is an error."""


@dataclass(frozen=True)
class TrainedModel:
    """The best trial of a finished tuning job."""

    tuning_job: str
    training_job: str
    artifact: str
    metric: str
    value: float
    created: datetime
    tags: Mapping[str, str]


@dataclass(frozen=True)
class EndpointState:
    """An endpoint as SageMaker describes it, with our tags."""

    name: str
    status: str
    config: str
    failure_reason: str
    tags: Mapping[str, str]


class Hosting(Protocol):
    def tuning_status(self, tuning_job: str) -> tuple[str, str]:
        """Status and failure reason of a tuning job."""

    def best_model(self, tuning_job: str) -> TrainedModel | None: ...

    def tuning_created(self, tuning_job: str) -> datetime | None:
        """When the job was created, None when SageMaker no longer knows it."""

    def endpoint(self, name: str) -> EndpointState | None: ...

    def ensure_model(self, request: Mapping[str, object], tags: Mapping[str, str]) -> None: ...

    def ensure_config(self, request: Mapping[str, object], tags: Mapping[str, str]) -> None: ...

    def create_endpoint(self, name: str, config: str, tags: Mapping[str, str]) -> None: ...

    def update_endpoint(self, name: str, config: str, tags: Mapping[str, str]) -> None: ...

    def delete_endpoint(self, name: str) -> None: ...


@dataclass(frozen=True)
class LiveModel:
    """What an endpoint serves now; `version` is the model's name."""

    version: str


class Endpoints(Protocol):
    def live_model(self, endpoint: str) -> LiveModel | None: ...

    def invoke(self, endpoint: str, body: str, inference_id: str) -> str:
        """Send one CSV line; the container's CSV answer. Raises NoModelError, ModelBusyError or ModelFailedError."""


@dataclass(frozen=True)
class Failure:
    """Why a message could not be handled, kept beside the queue because SQS keeps only the message."""

    function: str
    message_id: str
    object: str
    reason: str
    error: str
    attempts: int
    first_failed_at: str
    last_failed_at: str
    correlation_id: str


class FailureLog(Protocol):
    def get(self, function: str, message_id: str) -> Failure | None: ...

    def put(self, failure: Failure) -> None: ...


class Queue(Protocol):
    def retry_after(self, queue_arn: str, receipt_handle: str, seconds: int) -> None:
        """Make a received message visible again after so many seconds."""
