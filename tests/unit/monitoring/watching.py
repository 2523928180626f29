"""A model that answers, what is kept of its answers, and the watch over them, all in memory."""

import io
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from lakeloop import names
from lakeloop.capture.record import Capture
from lakeloop.contract import DatasetContract
from lakeloop.deployment.ports import EndpointState
from lakeloop.errors import TransientError
from lakeloop.feedback.label import Label
from lakeloop.messages import TrainingAsked, WatchPredictions
from lakeloop.monitoring.service import MonitorService
from lakeloop.monitoring.state import WatchState
from tests.data import tiny, tiny_csv
from tests.fakes import (
    Crash,
    CrashError,
    MemoryArtifacts,
    MemoryCaptures,
    MemoryContracts,
    MemoryHosting,
    MemoryLabels,
    MemoryModelContracts,
    MemoryPublisher,
    message,
    notification,
)
from tests.unit.capture.world import capture
from tests.unit.monitoring.rows import chance
from tests.world import World

MORNING = datetime(2026, 11, 26, tzinfo=UTC)
ENDPOINT = "lakeloop-test-tiny"
LIMITS = {"min_rows": 100, "min_reference_rows": 100, "min_labels": 30}


def watched_table(**changes: object) -> DatasetContract:
    return tiny(**{"delivery": "upsert", "monitor": LIMITS, **changes})


@dataclass
class States:
    """One object for each dataset, which is written under a condition."""

    crash: Crash
    kept: dict[str, tuple[WatchState, str]] = field(default_factory=dict)
    writes: int = 0

    def get(self, dataset: str) -> tuple[WatchState | None, str]:
        self.crash.tick()
        state, tag = self.kept.get(dataset, (None, ""))
        return (state.model_copy(deep=True) if state else None), tag

    def put(self, dataset: str, state: WatchState, tag: str) -> str:
        self.crash.tick()
        if self.kept.get(dataset, (None, ""))[1] != tag:
            raise TransientError("another monitor works on it")
        self.writes += 1
        self.kept[dataset] = (WatchState.model_validate_json(state.model_dump_json()), f"tag-{self.writes}")
        return f"tag-{self.writes}"


class Scene:
    """A table of 600 rows, a model of its first commit that serves, and whoever asks it."""

    def __init__(self, contract: DatasetContract | None = None, rows: int = 600) -> None:
        self.contract = contract or watched_table()
        self.world = World(self.contract)
        self.crash = self.world.crash
        self._drawn = chance(7)
        lines = [f"k{n},{'yes' if n % 2 else 'no'},{self._number():.4f},{n % 9},{'ab'[n % 2]}," for n in range(rows)]
        assert self.world.service.handle([self.world.drop("rows.csv", tiny_csv(*lines))]) == {}
        self.commit = self.world.lake.head("")
        self.captures, self.labels, self.states = MemoryCaptures(self.crash), MemoryLabels(), States(self.crash)
        self.kept, self.evaluations = MemoryArtifacts(self.crash), MemoryArtifacts(self.crash)
        self.hosting = MemoryHosting(self.crash)
        self.publisher: MemoryPublisher[WatchPredictions] = MemoryPublisher(self.crash)
        self.trainer: MemoryPublisher[TrainingAsked] = MemoryPublisher(self.crash)
        self.contracts = {"contract-1": self.contract}
        self.serve("model-1", "job-1")

    def serve(self, model: str, job: str) -> None:
        """This model of the first commit answers from now on, and was right on nine of ten of its test rows."""
        tags = {
            names.ENVIRONMENT_TAG: "lakeloop-test",
            names.COMMIT_TAG: self.commit,
            names.CONTRACT_TAG: "contract-1",
            names.TUNING_JOB_TAG: job,
        }
        self.hosting.made[model], self.hosting.model_of[model] = tags, model
        self.hosting.endpoints[ENDPOINT] = EndpointState(ENDPOINT, "InService", model, "", tags)
        self.model = model
        labels = [float(n % 2) for n in range(300)]
        score = [0.9 if (label == 1) == (n % 10 > 0) else 0.1 for n, label in enumerate(labels)]
        body = io.BytesIO()
        pl.DataFrame({"label": labels, "score": score}).write_parquet(body)
        self.evaluations.objects[names.scores_key("tiny", job)] = body.getvalue()

    def predict(self, hour: int, rows: int = 120, shift: float = 0.0, name: str = "") -> list[Capture]:
        """So many answers of one hour, of inputs whose float is shifted."""
        at = MORNING + timedelta(hours=hour)
        made = [
            capture(
                at=at + timedelta(seconds=n),
                model=self.model,
                data_commit=self.commit,
                contract="contract-1",
                input=json.dumps({"f": min(10.0, self._number() + shift), "i": n % 9, "c": "ab"[n % 2], "t": None}),
                prediction="yes" if n % 2 else "no",
                confidence=0.9,
                probabilities='{"no":0.1,"yes":0.9}' if n % 2 else '{"no":0.9,"yes":0.1}',
            )
            for n in range(rows)
        ]
        self.captures.add(*made, name=name)
        return made

    def label(self, captures: list[Capture], wrong: float = 0.1, source: str = "", hours: int = 1) -> None:
        """Labels of answers, so long after them, of which a share says that they were wrong."""
        for place, one in enumerate(captures):
            other = "no" if one.prediction == "yes" else "yes"
            said = other if place < wrong * len(captures) else one.prediction
            arrived = one.predicted_at + timedelta(hours=hours)
            label = Label(
                dataset="tiny",
                inference_id=one.inference_id,
                label=json.dumps(said),
                event_time=arrived,
                arrived=arrived,
                label_source=source,
            )
            self.labels.put(label)

    def come_back(self, hour: int, rows: int = 3) -> None:
        """Predictions of an hour land with their labels."""
        window = (MORNING + timedelta(hours=hour)).strftime(names.WINDOW_HOUR)
        file = io.BytesIO()
        pl.DataFrame(
            {
                "id": [f"back-{hour}-{n}" for n in range(rows)],
                "y": ["yes"] * rows,
                "f": [1.0] * rows,
                "i": [1] * rows,
                "c": ["a"] * rows,
                "t": [True] * rows,
            }
        ).write_parquet(file)
        key = names.feedback_key("tiny", window)
        told = notification(key, self.world.landing.drop(key, file.getvalue()))
        assert self.world.service.handle([message(told, f"back-{hour}")]) == {}

    def look(self, hour: int, contract: DatasetContract | None = None, seconds: float = 900) -> WatchState:
        """The watch, twenty minutes past an hour; what it knows then."""
        self.wake(hour, contract, seconds)
        return self.state

    def wake(self, hour: int, contract: DatasetContract | None = None, seconds: float = 900) -> None:
        asked = message(WatchPredictions(dataset="tiny").model_dump_json())
        self.service(contract, hour).handle(asked, lambda: seconds)

    def service(self, contract: DatasetContract | None = None, hour: int = 0, **changes: object) -> MonitorService:
        """The service, with other ports than the scene's own."""
        ports: dict[str, Any] = {
            "contracts": MemoryContracts(contract or self.contract),
            "model_contracts": MemoryModelContracts(self.contracts),
            "served": self.hosting,
            "lake": self.world.lake,
            "captures": self.captures,
            "labels": self.labels,
            "kept": self.kept,
            "artifacts": self.evaluations,
            "states": self.states,
            "publisher": self.publisher,
            "trainer": self.trainer,
            "reports": self.world.reports,
            "name_prefix": "lakeloop-test",
            "clock": lambda: MORNING + timedelta(hours=hour, minutes=20),
        }
        return MonitorService(**{**ports, **changes})

    def look_until_done(self, hour: int, crash_at: int) -> WatchState:
        """The same where the process ends before its `crash_at`-th call, and the message comes again."""
        self.crash.calls, self.crash.at = 0, crash_at
        try:
            return self.look(hour)
        except CrashError:
            self.crash.at = 0
            return self.look(hour)

    @property
    def state(self) -> WatchState:
        return self.states.kept["tiny"][0]

    @property
    def said(self) -> str:
        return self.world.reports.reports["tiny", "monitor"].why

    def _number(self) -> float:
        return min(10.0, max(0.0, self._drawn.gauss(4.0, 1.0)))
