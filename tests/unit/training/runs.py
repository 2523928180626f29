"""Tuning jobs as decisions see them."""

from datetime import UTC, datetime

from lakeloop.training.ports import TuningRun

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)


def run(name: str = "job", *, status: str = "Completed", commit: str = "c1", models: int = 1, **tags: str) -> TuningRun:
    ended = None if status == "InProgress" else MIDNIGHT
    return TuningRun(name=name, commit=commit, status=status, created=MIDNIGHT, ended=ended, models=models, tags=tags)


def failed(name: str = "job", status: str = "Failed", commit: str = "head") -> TuningRun:
    return run(name, status=status, commit=commit, models=0)
