"""A tuning job with its trials, as runs."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from lakeloop.tracking.ports import Data, Kind, Point, Run, Status, milliseconds

BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)
JOB = "lakeloop-dev-0123456789ab"
COMMIT = "c0ffee" * 10 + "c0ff"


def experiment() -> str:
    """A name that nobody used before: the real server remembers."""
    return f"tumours_{uuid.uuid4().hex[:8]}"


def rounds(count: int, *metrics: str) -> list[Point]:
    return [
        Point(metric, 1 - 1 / (step + 2), step, milliseconds(BEGAN) + step)
        for metric in metrics or ("train-auc", "validation-auc")
        for step in range(count)
    ]


def parent() -> Run:
    return Run(
        key=JOB,
        name=JOB,
        kind=Kind.TUNING,
        group=JOB,
        status=Status.FINISHED,
        started=BEGAN,
        ended=BEGAN + timedelta(minutes=5),
        params={"strategy": "Bayesian"},
        points=[Point("validation-auc", 0.99, 0, milliseconds(BEGAN))],
        tags={"lakefs_commit": COMMIT},
        data=Data("tumours", COMMIT, f"lakefs://tumours/{COMMIT}/", "training"),
    )


def trial(number: int, above: Run, points: Sequence[Point] | None = None, **changes: object) -> Run:
    described: dict[str, object] = {
        "key": f"{JOB}-{number:03d}",
        "name": f"{above.name}-{number:03d}",
        "kind": Kind.TRIAL,
        "group": above.group,
        "status": Status.FINISHED,
        "started": BEGAN + timedelta(seconds=number),
        "ended": BEGAN + timedelta(seconds=number + 30),
        "parent": above.key,
        "params": {"eta": f"0.{number}", "max_depth": "6"},
        "points": rounds(20) if points is None else points,
        "tags": {"lakefs_commit": COMMIT, "lakeloop.best": "false"},
        "data": Data("tumours", COMMIT, f"lakefs://tumours/{COMMIT}/", "training"),
    }
    return Run(**{**described, **changes})  # type: ignore[arg-type]


def tuning(trials: int = 3) -> list[Run]:
    above = parent()
    return [above, *(trial(number, above) for number in range(1, trials + 1))]
