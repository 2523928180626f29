"""Tuning jobs, the leases on datasets, and what functions said last."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from lakeloop.errors import TransientError
from lakeloop.reports import StepReport
from lakeloop.training.ports import TuningRun
from tests.fakes.crash import Crash


@dataclass
class MemoryTuner:
    """Keeps started jobs. `status` and `models` are what those become that are started from now on.

    `unlisted` jobs are known by name only, as SageMaker's list lags behind.
    """

    crash: Crash = field(default_factory=Crash)
    status: str = "Completed"
    models: int = 1
    ended: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    started: dict[str, Mapping[str, str]] = field(default_factory=dict)
    requests: list[Mapping[str, object]] = field(default_factory=list)
    jobs: dict[str, TuningRun] = field(default_factory=dict)
    unlisted: set[str] = field(default_factory=set)

    def runs(self, dataset: str) -> Iterator[TuningRun]:
        self.crash.tick()
        yield from [run for name, run in reversed(self.jobs.items()) if name not in self.unlisted]

    def run(self, name: str) -> TuningRun | None:
        self.crash.tick()
        return self.jobs.get(name)

    def failure(self, name: str) -> str:
        return f"reason of {name}"

    def start(self, request: Mapping[str, object], tags: Mapping[str, str]) -> bool:
        self.crash.tick()
        name = str(request["HyperParameterTuningJobName"])
        if name in self.started:
            return False
        self.started[name] = tags
        self.requests.append(request)
        self.jobs[name] = TuningRun(
            name=name,
            commit=tags["lakeloop:commit"],
            status=self.status,
            created=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=len(self.jobs)),
            ended=self.ended,
            models=self.models,
            tags=tags,
        )
        self.crash.tick()
        return True


@dataclass
class MemoryLeases:
    """Leases that end when the test says so: `expire` is the time going by."""

    crash: Crash = field(default_factory=Crash)
    held: set[str] = field(default_factory=set)
    lost: bool = False
    noted: dict[str, str] = field(default_factory=dict)

    def take(self, dataset: str, seconds: float) -> "MemoryLease":
        self.crash.tick()
        if dataset in self.held:
            raise TransientError(f"another start_tuning is deciding on {dataset}")
        self.held.add(dataset)
        return MemoryLease(self, dataset)

    def expire(self) -> None:
        self.held.clear()


@dataclass
class MemoryLease:
    leases: MemoryLeases
    dataset: str

    @property
    def job(self) -> str:
        return self.leases.noted.get(self.dataset, "")

    def note(self, job: str) -> None:
        self.leases.crash.tick()
        self.leases.noted[self.dataset] = job

    def release(self) -> None:
        self.leases.crash.tick()
        self.leases.held.discard(self.dataset)
        if self.leases.lost:
            raise TransientError("the lease went to another start_tuning")


@dataclass
class MemoryReports:
    crash: Crash = field(default_factory=Crash)
    reports: dict[tuple[str, str], StepReport] = field(default_factory=dict)

    def get(self, dataset: str, step: str) -> StepReport | None:
        return self.reports.get((dataset, step))

    def put(self, report: StepReport) -> None:
        self.crash.tick()
        self.reports[report.dataset, report.step] = report


@dataclass
class MemoryReadings:
    """Earlier readings whose rows are the same under the deployed contract."""

    kept: frozenset[str] = frozenset()

    def readings(self, dataset: str) -> frozenset[str]:
        return self.kept
