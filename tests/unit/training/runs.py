"""Tuning jobs, and the situation around them, as decisions see them."""

from collections.abc import Iterable
from datetime import UTC, datetime

from lakeloop.lake.ports import LakeCommit
from lakeloop.training.decision import Reason, Situation
from lakeloop.training.ports import TuningRun

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
TODAY = "digest-of-today's-contract"


def run(name: str = "job", *, status: str = "Completed", commit: str = "c1", models: int = 1, **tags: str) -> TuningRun:
    ended = None if status == "InProgress" else MIDNIGHT
    return TuningRun(name=name, commit=commit, status=status, created=MIDNIGHT, ended=ended, models=models, tags=tags)


def failed(name: str = "job", status: str = "Failed", commit: str = "head") -> TuningRun:
    return run(name, status=status, commit=commit, models=0)


def situation(
    log: list[LakeCommit], runs: Iterable[TuningRun], now: datetime, *, reason: Reason = "data", failure: str = "bad"
) -> Situation:
    return Situation(
        head=log[0].id,
        log=log,
        runs=iter(runs),
        contract=TODAY,
        now=now,
        count=not_counted,
        failure=lambda _: failure,
        reason=reason,
    )


def not_counted(base: str, told: int) -> int:
    raise AssertionError("what commits say is not counted")
