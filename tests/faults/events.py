"""From the end of a tuning job to an endpoint that serves: every function that SageMaker's events wake, and the events.

Each change of a job, a version or an endpoint is told, as SageMaker would; a test decides what becomes of the telling.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

from lakeloop import names
from lakeloop.errors import TransientError
from lakeloop.lake.ports import Branches
from lakeloop.messages import Message
from lakeloop.observability import metrics
from lakeloop.reconciliation.ports import Step
from lakeloop.reconciliation.service import ReconciliationService
from lakeloop.reports import StepReport, now
from lakeloop.training.ports import TuningRun
from tests.fakes import MemoryAnswers, MemoryContracts, MemoryPublisher, MemoryTuner, message
from tests.unit.lakeloop.deployments import ENDPOINT, NEXT_JOB, OWNER, Deployments, endpoint_event, package_event
from tests.unit.lakeloop.evaluations import Evaluations, again_message, transform_event, tuning_event

# More steps than any way to the end has.
MOST_STEPS = 60
PERIOD = timedelta(minutes=15)


@dataclass(frozen=True)
class Event:
    """What SageMaker tells of, and the functions that its rules wake."""

    about: str
    message: Message
    wakes: tuple[str, ...]


Order = Callable[[list[Event]], Event]


@dataclass
class Fate:
    """What becomes of events: `copies` of each, the event of number `lost` never comes, that of `late` comes last."""

    copies: int = 1
    lost: int = 0
    late: int = 0
    order: Order = lambda waiting: waiting[0]
    told: list[Event] = field(default_factory=list)
    held: list[Event] = field(default_factory=list)

    def of(self, event: Event) -> Sequence[Event]:
        self.told.append(event)
        number = len(self.told)
        if number == self.late:
            self.held.append(event)
        return () if number in (self.lost, self.late) else [event] * self.copies


class Woken:
    """What reconcile sends goes to the functions as events do."""

    def __init__(self, waiting: list[Event]) -> None:
        self._waiting = waiting

    def wake(self, step: Step, notification: str) -> None:
        self._waiting.append(Event("reconcile", message(notification), (step,)))


class Cloud(Evaluations):
    """SageMaker, its events and the functions."""

    def __init__(self, fate: Fate) -> None:
        super().__init__()
        self.fate = fate
        self.deployments = Deployments()
        self.deployments.hosting, self.deployments.registry = self.hosting, self.registry
        self.deployments.model_contracts, self.deployments.reports = self.model_contracts, self.reports
        self.waiting: list[Event] = []
        self.answers = MemoryAnswers()
        self.broken: set[str] = set()

    def run(self) -> None:
        """Until nothing is told and nothing goes on, and what came late has come too."""
        self.tell(Event("tuning job", tuning_event(NEXT_JOB), ("evaluate_model", "start_tuning")))
        self.go_on()
        self.waiting += self.fate.held
        self.go_on()

    def go_on(self) -> None:
        for _ in range(MOST_STEPS):
            if not self._deliver() and not self._time_passes():
                return
        raise AssertionError("it never ends")

    def tell(self, event: Event) -> None:
        self.waiting += self.fate.of(event)

    def reconcile(self) -> None:
        at = now()
        job = TuningRun(NEXT_JOB, "c", "Completed", at - timedelta(hours=1), at, models=1)
        service = ReconciliationService(
            contracts=MemoryContracts(self.today),
            lake=self.world.lake,
            # No branch of an ingest is left, so nothing else is asked of it.
            branches=cast("Branches", self.world.lake),
            jobs=MemoryTuner(jobs={NEXT_JOB: job}),
            registry=self.registry,
            served=self.hosting,
            placements=self.deployments.placements,
            switches=self.deployments.switches,
            answers=self.answers,
            steps=Woken(self.waiting),
            publisher=MemoryPublisher(),
            reports=self.reports,
            name_prefix=OWNER,
        )
        service.handle(message('{"dataset": "tiny"}'))
        metrics.clear_metrics()

    def _deliver(self) -> bool:
        """Give functions what waits, one after another; whether anything was done."""
        refused, done = [], False
        while self.waiting:
            event = self.fate.order(self.waiting)
            self.waiting.remove(event)
            for function in event.wakes:
                try:
                    self._changes(self._woken, function, event.message)
                    done = True
                except TransientError:
                    refused.append(Event(event.about, event.message, (function,)))
        self.waiting = refused
        return done

    def _time_passes(self) -> bool:
        """Transforms and updates end; whether any did."""
        return self._changes(self._end)

    def _end(self) -> None:
        self.transforms.finish()
        for name in names.endpoints(OWNER, "tiny"):
            state = self.hosting.endpoints.get(name)
            self.hosting.settle(name, "no ping" if state and self._is_broken(state.pending or state.config) else "")

    def _is_broken(self, config: str) -> bool:
        return self.hosting.model_of.get(config, "") in self.broken

    def _changes(self, work: Callable[..., None], *arguments: object) -> bool:
        """Do it, and tell of all that became another by it."""
        before = self._state()
        try:
            work(*arguments)
        finally:
            metrics.clear_metrics()
            after = self._state()
            for key in after:
                if after[key] != before.get(key):
                    self._told_of(*key, after[key])
        return after != before

    def _state(self) -> dict[tuple[str, str], object]:
        return {
            **{("transform job", name): state.status for name, state in self.transforms.states.items()},
            **{("model package", arn): version for arn, version in self.registry.packages.items()},
            **{("endpoint", name): (state.status, state.config) for name, state in self.hosting.endpoints.items()},
        }

    def _told_of(self, kind: str, name: str, state: object) -> None:
        if kind == "transform job" and state != "InProgress":
            self.tell(Event(kind, transform_event(name), ("evaluate_model",)))
        elif kind == "model package":
            self.tell(Event(kind, package_event(ENDPOINT), ("deploy_model",)))
        elif kind == "endpoint":
            self.tell(Event(kind, endpoint_event(name), ("deploy_model",)))

    def _woken(self, function: str, told: Message) -> None:
        if function == "evaluate_model":
            self.handle(told)
        elif function == "deploy_model":
            self.deployments.service(self.today).handle(told)
            again = self.deployments.evaluator.published
            while again:
                self.handle(again_message(again.pop().tuning_job))
        else:
            self.reports.put(StepReport(dataset="tiny", step="start_tuning", good=True, why="nothing is new"))
