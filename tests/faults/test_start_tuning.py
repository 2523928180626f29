"""start_tuning is killed at every call, and its message comes again: the end is the same."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from lakeloop.messages import TrainingAsked
from lakeloop.training import service as training
from lakeloop.training.service import TrainingService
from tests.data import tiny, tiny_csv
from tests.fakes import (
    CrashError,
    LakeFooters,
    LakeLabels,
    MemoryContracts,
    MemoryLeases,
    MemoryTuner,
    message,
)
from tests.faults.crashes import Proxy, Recorder, every_crash
from tests.world import ROWS, World

ASKED = MemoryTuner.ended


@dataclass
class Loop:
    """Main with rows, and everything around the function."""

    tuner: MemoryTuner = field(default_factory=MemoryTuner)
    leases: MemoryLeases = field(default_factory=MemoryLeases)
    world: World = field(default_factory=World)

    def __post_init__(self) -> None:
        weight = self.world.contract.weight
        file = tiny_csv(*(f"{row},2" for row in ROWS), header="id,y,f,i,c,t,w") if weight else tiny_csv(*ROWS)
        self.world.service.handle([self.world.drop("a.csv", file)])

    def service(self, recorder: Recorder) -> TrainingService:
        def proxied(name: str, port: object) -> Proxy:
            return Proxy(recorder, name, port)

        return self.world.training(
            proxied("tuner", self.tuner),
            contracts=proxied("contracts", MemoryContracts(self.world.contract)),
            lake=proxied("lake", self.world.lake),
            artifacts=proxied("artifacts", self.world.artifacts),
            leases=proxied("leases", self.leases),
            labels=proxied("labels", LakeLabels(self.world.lake)),
            footers=proxied("footers", LakeFooters(self.world.lake)),
            remaker=proxied("remaker", self.world.remaker),
            waker=proxied("waker", self.world.waker),
            reports=proxied("reports", self.world.reports),
        )

    def end(self) -> tuple[object, ...]:
        """What is left when it is over; the report says what the last delivery saw."""
        kept = {name: at.id for name, at in self.world.lake.branch_commits.items() if name.startswith("keep-")}
        return (self.tuner.started, self.tuner.requests, self.world.artifacts.objects, self.leases.noted, kept)


Scenario = Callable[[Loop, Recorder], None]


def first(loop: Loop, recorder: Recorder) -> None:
    loop.service(recorder).handle(loop.world.told())


def second_attempt(loop: Loop, recorder: Recorder) -> None:
    """A job failed an hour ago."""
    if not loop.tuner.started:
        loop.tuner.status, loop.tuner.models = "Failed", 0
        loop.service(Recorder()).handle(loop.world.told())
        loop.tuner.status, loop.tuner.models = "Completed", 1
    loop.service(recorder).handle(loop.world.told())


def asked(loop: Loop, recorder: Recorder) -> None:
    """A person asks, and its message is told twice."""
    ask = TrainingAsked(
        reason="person",
        dataset="tiny",
        repository="lakeloop-test-tiny",
        commit=loop.world.lake.head(""),
        id="a",
        at=ASKED,
    )
    for _ in range(2):
        loop.service(recorder).handle(message(ask.model_dump_json()))


def clock(loop: Loop, recorder: Recorder) -> None:
    """The clock tells of all datasets, and what it sends itself is delivered then."""
    loop.service(recorder).handle(message(TrainingAsked(reason="schedule").model_dump_json()))
    for told in list(loop.world.waker.published):
        loop.service(recorder).handle(message(told.model_dump_json()))


def own_program(loop: Loop, recorder: Recorder) -> None:
    """The contract brings a training program and has a weight, so there is more to put down before the start."""
    first(loop, recorder)


def loop_of(scenario: Scenario) -> Loop:
    if scenario is not own_program:
        return Loop()
    columns = [*tiny().model_dump(mode="json")["columns"], {"name": "w", "type": "float"}]
    program = {**tiny().training.model_dump(mode="json"), "script": "print()"}
    return Loop(world=World(tiny(columns=columns, weight="w", training=program)))


@pytest.mark.parametrize("scenario", [first, second_attempt, asked, clock, own_program])
def test_a_death_at_any_call_ends_like_none(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "now", lambda: MemoryTuner.ended + timedelta(minutes=59))
    unharmed = loop_of(scenario)
    crashes = every_crash(lambda recorder: scenario(unharmed, recorder))
    jobs = 2 if scenario is second_attempt else 1
    assert len(unharmed.tuner.started) == jobs

    for crash in crashes:
        loop = loop_of(scenario)
        with pytest.raises(CrashError):
            scenario(loop, crash)
        loop.leases.expire()
        scenario(loop, Recorder())

        assert loop.end() == unharmed.end(), f"{crash.when} {crash.calls[-1]}"
        assert not loop.leases.held


def test_the_calls_are_those_that_reach_out() -> None:
    recorder = Recorder()

    first(Loop(), recorder)

    assert {call.partition(".")[0] for call in recorder.calls} == {
        *("contracts", "lake", "artifacts", "tuner", "leases", "lease", "labels", "reports")
    }
    assert recorder.calls.index("lake.ensure_branch") < recorder.calls.index("tuner.start")
    assert recorder.calls.index("lease.note") < recorder.calls.index("tuner.start")
