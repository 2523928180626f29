"""What each step last decided about a dataset and why, for whoever asks how the loop is doing.

One JSON object per dataset and step in the artifacts bucket, at `names.report_key`; `adapters.reports` reads and writes
it.
"""

from datetime import UTC, datetime
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

Step = Literal[
    "start_tuning",
    "evaluate_model",
    "deploy_model",
    "reconcile_landing",
    "compact",
    "advance_splits",
    "reconcile",
    "monitor",
]


def now() -> datetime:
    return datetime.now(UTC)


class StepReport(BaseModel):
    """`why` is a sentence for a person; `good` is False where somebody should look.

    `job` is the tuning job that the sentence is about, `commit` the head of main then; empty where there is none.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    dataset: str
    step: Step
    good: bool
    why: str
    job: str = ""
    commit: str = ""
    at: datetime = Field(default_factory=now)


class StepReports(Protocol):
    def get(self, dataset: str, step: Step) -> StepReport | None:
        """None when the step has never said anything of the dataset."""

    def put(self, report: StepReport) -> None: ...
