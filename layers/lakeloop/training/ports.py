"""What training asks of SageMaker and of S3."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from lakeloop.lake.ports import LakeObject
from lakeloop.messages import FeaturesMissing, TrainingAsked

# What tuning jobs and transforms end as.
ENDED = frozenset({"Completed", "Failed", "Stopped"})


@dataclass(frozen=True)
class TuningRun:
    """A tuning job as far as decisions need it. `models` is how many of its trials ended well."""

    name: str
    commit: str
    status: str
    created: datetime
    ended: datetime | None = None
    models: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)


class Tuner(Protocol):
    def runs(self, dataset: str) -> Iterator[TuningRun]:
        """This environment's jobs of a dataset, the newest first. A job that was started just now may not be listed."""

    def run(self, name: str) -> TuningRun | None:
        """A job by its name, which is known at once; None when it is gone or not this environment's."""

    def failure(self, name: str) -> str:
        """Why a job gave no model: its own reason, else that of a trial."""

    def start(self, request: Mapping[str, object], tags: Mapping[str, str]) -> bool:
        """Start the job; False when the same job is already there. A job of that name on other data is an error."""


class Waker(Protocol):
    def publish(self, message: TrainingAsked) -> None:
        """Wake start_tuning itself."""


class Lease(Protocol):
    @property
    def job(self) -> str:
        """The job that was noted last, by whichever holder; empty before the first."""

    def note(self, job: str) -> None:
        """Write down the job that is about to be started. Raises TransientError when the lease is another's by now."""

    def release(self) -> None: ...


class Leases(Protocol):
    def take(self, dataset: str, seconds: float) -> Lease:
        """Hold the dataset for so long at most. Raises TransientError while somebody else does."""


class Labels(Protocol):
    def codes(self, physical_address: str) -> set[int]:
        """The codes of the classes in one object of features."""


class Remaker(Protocol):
    def publish(self, message: FeaturesMissing) -> None:
        """Ask for features."""


class Readings(Protocol):
    def readings(self, dataset: str) -> frozenset[str]:
        """The earlier readings whose rows the deployed contract reads as the same values."""


class Footers(Protocol):
    def rows(self, entry: LakeObject) -> int:
        """The rows of one object. Raises UnreadableObjectError where it is no Parquet file."""
