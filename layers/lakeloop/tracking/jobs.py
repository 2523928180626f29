"""What SageMaker tells of a tuning job and its trials."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from lakeloop.tracking.ports import Point


@dataclass(frozen=True)
class TuningJob:
    """A tuning job; `best` is the trial that it chose, `ranges` says of each parameter where it was searched.

    `counts` are its trials by what became of them.
    """

    name: str
    arn: str
    status: str
    created: datetime
    ended: datetime | None
    failure: str
    objective: str
    direction: str
    strategy: str
    most_trials: int
    parallel_trials: int
    ranges: Mapping[str, str]
    image: str
    instance: str
    best: str
    counts: Mapping[str, int]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Trial:
    """One training job of a tuning job. `metrics` are its last ones, `rounds` all that its log tells of each round."""

    name: str
    arn: str
    status: str
    created: datetime
    started: datetime | None
    ended: datetime | None
    failure: str
    tuned: Sequence[str]
    parameters: Mapping[str, str]
    objective: float | None
    metrics: Mapping[str, float] = field(default_factory=dict)
    seconds: int | None = None
    billable_seconds: int | None = None
    rounds: Sequence[Point] = ()


class Jobs(Protocol):
    """Tuning jobs of one environment."""

    def job(self, name: str) -> TuningJob | None:
        """None when it is gone or not this environment's."""

    def trials(self, job: TuningJob) -> Sequence[Trial]:
        """In the order they were made."""

    def link(self, trial: str, address: str) -> None:
        """Write on a training job where a catalog shows its model."""


class Objects(Protocol):
    """Files in S3, by their addresses."""

    def read(self, uri: str) -> bytes | None:
        """None where there is nothing."""

    def below(self, uri: str) -> Iterator[str]:
        """The addresses of the objects of a folder."""
