"""What training asks of SageMaker."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


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
