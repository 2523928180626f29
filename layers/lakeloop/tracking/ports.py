"""What is recorded of models in the making, and who takes it."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    TUNING = "tuning"
    TRIAL = "trial"
    EVALUATION = "evaluation"


class Status(StrEnum):
    """How a run ended, in MLflow's words."""

    FINISHED = "FINISHED"
    FAILED = "FAILED"
    KILLED = "KILLED"


@dataclass(frozen=True)
class Point:
    """One value of a metric: of a round of boosting, from 0, and at milliseconds since 1970."""

    metric: str
    value: float
    step: int
    at: int


def milliseconds(at: datetime) -> int:
    """Since 1970, as trackers count."""
    return int(at.timestamp() * 1000)


@dataclass(frozen=True)
class Data:
    """The rows that a run read: `source` is their lakefs:// address at a commit, `context` the split."""

    name: str
    digest: str
    source: str
    context: str


@dataclass(frozen=True)
class Run:
    """One run, whole. `key` is what makes it itself: names are not unique in trackers, and may be changed there.

    `group` is the tuning job that it belongs to, `parent` the key of the run above it. A run that carries the same
    `stamp` is the same; left out, it is made of all that the run holds.
    """

    key: str
    name: str
    kind: Kind
    group: str
    status: Status
    started: datetime
    ended: datetime
    parent: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    points: Sequence[Point] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    data: Data | None = None
    artifacts: Mapping[str, bytes] = field(default_factory=dict)
    stamp: str = ""

    @property
    def version(self) -> str:
        """The stamp, or the digest of all that the run holds."""
        if self.stamp:
            return self.stamp
        told = hashlib.sha256()
        texts = (self.name, self.kind, self.status, self.started, self.ended, self.parent, self.data)
        for part in (*texts, *map(sorted, (self.params.items(), self.tags.items())), *self.points):
            told.update(repr(part).encode() + b"\0")
        for path, body in sorted(self.artifacts.items()):
            told.update(path.encode() + b"\0" + body)
        return told.hexdigest()[:16]


class Tracker(Protocol):
    """Where runs are kept. Only one writer at a time may record into an experiment."""

    def record(self, experiment: str, runs: Sequence[Run]) -> None:
        """Bring runs of one group to what is given.

        What is there as given stays untouched, what is half written is completed. A run above others is whole only
        when those are, and may be left out when it is. Raises TransientError while the tracker does not answer.
        """

    def is_recorded(self, experiment: str, key: str, version: str) -> bool:
        """Whether the run is there, whole and of that version, with all that was recorded with it."""


Files = Mapping[str, bytes]


class Alias(StrEnum):
    CHAMPION = "champion"
    CHALLENGER = "challenger"


@dataclass(frozen=True)
class Version:
    """A version of a model as a catalog shows it; `key` is the ARN of the model package, `run` the key of its trial."""

    key: str
    run: str
    description: str
    tags: Mapping[str, str]


class Catalog(Protocol):
    """A tracker's registry of models: what people look at and load from. SageMaker's registry is the one of record."""

    def number(self, model: str, key: str) -> str | None:
        """The catalog's number of a version, None where it is not there yet."""

    def add(self, model: str, version: Version, files: Callable[[], Files]) -> str:
        """Make a version of what its files hold, unless it is there; its number. The run must be recorded."""

    def describe(self, model: str, number: str, version: Version) -> None:
        """Bring description and tags to what is given."""

    def point(self, model: str, alias: Alias, number: str | None) -> None:
        """Move an alias, or take it away, and write the move down at both versions."""
