"""What reconciling asks of the outside."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from lakeloop.messages import ReconcileLoop
from lakeloop.training.ports import TuningRun

Step = Literal["start_tuning", "evaluate_model", "deploy_model"]


@dataclass(frozen=True)
class Answer:
    """How often a finding was acted upon, and when last."""

    times: int
    at: datetime


class Answers(Protocol):
    """What was done about findings, by dataset and by the finding's name."""

    def get(self, dataset: str, finding: str) -> Answer | None: ...

    def put(self, dataset: str, finding: str, answer: Answer) -> None: ...


class Steps(Protocol):
    """The chains that do the loop's work."""

    def wake(self, step: Step, notification: str) -> None:
        """Tell a step what an event would have told it."""


class Publisher(Protocol):
    """The chain of reconciling itself."""

    def publish(self, message: ReconcileLoop) -> None: ...


class Jobs(Protocol):
    """Tuning jobs."""

    def runs(self, dataset: str) -> Iterator[TuningRun]:
        """This environment's jobs of a dataset, the newest first."""
