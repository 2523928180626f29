"""What evaluation asks of the outside world."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from lakeloop.deployment.ports import TrainedModel
from lakeloop.evaluation.document import Trial


@dataclass(frozen=True)
class TransformState:
    """A batch transform as SageMaker describes it; `reason` is empty unless it failed."""

    name: str
    status: str
    reason: str


class Transforms(Protocol):
    def state(self, name: str) -> TransformState | None:
        """None where no transform has the name."""

    def start(self, request: Mapping[str, object], tags: Mapping[str, str]) -> None:
        """Start it, unless one of that name was started before."""


class Candidates(Protocol):
    """Tuning jobs and what they found."""

    def tuning_status(self, tuning_job: str) -> tuple[str, str]:
        """Status and failure reason of a tuning job."""

    def tuning_tags(self, tuning_job: str) -> Mapping[str, str]:
        """None at all where SageMaker no longer knows the job."""

    def tuning_created(self, tuning_job: str) -> datetime | None:
        """When the job was created, None when SageMaker no longer knows it."""

    def trials(self, tuning_job: str) -> Sequence[Trial]:
        """Its training jobs, as far as they are known."""

    def best_model(self, tuning_job: str) -> TrainedModel | None:
        """The best trial that ended well, None where there is none."""


class Evaluations(Protocol):
    """What evaluation writes into the artifacts bucket and reads back."""

    def uri(self, key: str) -> str: ...

    def put(self, key: str, body: bytes) -> str:
        """Write the object and answer its s3:// address."""

    def upload(self, key: str, file: Path) -> str: ...

    def read(self, key: str) -> bytes | None:
        """None where there is nothing."""
