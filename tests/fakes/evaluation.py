"""Tuning jobs with their best models, and transforms of test rows through them."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lakeloop.deployment.ports import TrainedModel
from lakeloop.evaluation.document import Trial
from lakeloop.evaluation.ports import TransformState
from tests.fakes.crash import Crash
from tests.fakes.ingest import MemoryArtifacts

Cells = list[str]
# A line to each row: its score, or those of several classes with commas between them.
Answers = Callable[[Sequence[Cells]], Sequence[float | str]]


@dataclass
class MemoryCandidates:
    """A job without an artifact has no model."""

    models: dict[str, TrainedModel] = field(default_factory=dict)
    statuses: dict[str, tuple[str, str]] = field(default_factory=dict)

    def tuning_status(self, tuning_job: str) -> tuple[str, str]:
        return self.statuses.get(tuning_job, ("Completed", ""))

    def tuning_tags(self, tuning_job: str) -> Mapping[str, str]:
        return self.models[tuning_job].tags if tuning_job in self.models else {}

    def tuning_created(self, tuning_job: str) -> datetime | None:
        return self.models[tuning_job].created if tuning_job in self.models else None

    def trials(self, tuning_job: str) -> list[Trial]:
        return [Trial(f"{tuning_job}-001", "Completed", 0.75, {"eta": "0.3"})]

    def best_model(self, tuning_job: str) -> TrainedModel | None:
        found = self.models.get(tuning_job)
        return found if found and found.artifact else None


@dataclass
class MemoryTransforms:
    """Transforms that end when they are `finish`ed; `answers` says by model what it answers to rows of cells."""

    artifacts: MemoryArtifacts
    crash: Crash = field(default_factory=Crash)
    answers: dict[str, Answers] = field(default_factory=dict)
    requests: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    states: dict[str, TransformState] = field(default_factory=dict)
    tags: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def state(self, name: str) -> TransformState | None:
        self.crash.tick()
        return self.states.get(name)

    def start(self, request: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        self.crash.tick()
        name = request["TransformJobName"]
        if name not in self.states:
            self.requests[name] = request
            self.tags[name] = tags
            self.states[name] = TransformState(name, "InProgress", "")

    def fail(self, name: str, reason: str) -> None:
        self.states[name] = TransformState(name, "Failed", reason)

    def finish(self) -> None:
        """Whatever runs ends well."""
        for name, state in self.states.items():
            if state.status == "InProgress":
                self._answer(self.requests[name])
                self.states[name] = TransformState(name, "Completed", "")

    def _answer(self, request: Mapping[str, Any]) -> None:
        source = request["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"].removeprefix("s3://artifacts/")
        target = request["TransformOutput"]["S3OutputPath"].removeprefix("s3://artifacts/")
        for key in [key for key in self.artifacts.objects if key.startswith(source)]:
            rows = list(csv.reader(io.StringIO(self.artifacts.objects[key].decode())))
            scores = self.answers[request["ModelName"]](rows)
            body = "".join(f"{score}\n" for score in scores).encode()
            self.artifacts.objects[f"{target}{key.removeprefix(source)}.out"] = body
