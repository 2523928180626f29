"""What events missed is found by looking, told once to who can do something about it, and said."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from lakeloop import names
from lakeloop.deployment.ports import EndpointState, ServedConfig
from lakeloop.lake.ports import LakeBranch, LakeCommit
from lakeloop.reconciliation import service as module
from lakeloop.reconciliation.findings import Seen, findings
from lakeloop.reconciliation.service import ReconciliationService
from lakeloop.registry.ports import Approval, ModelVersion
from lakeloop.reports import Step, StepReport
from lakeloop.training.ports import TuningRun
from tests.cases import PLAN
from tests.data import tiny
from tests.fakes import (
    CrashError,
    MemoryAnswers,
    MemoryContracts,
    MemoryPlacements,
    MemoryPublisher,
    MemoryRegistry,
    MemoryReports,
    message,
)
from tests.faults.crashes import Proxy, Recorder, every_crash
from tests.unit.rollback.test_models import version

NOW = datetime.fromisoformat("2026-11-27T12:00:00+00:00")
OURS = {names.ENVIRONMENT_TAG: "lakeloop-test"}
JOB = "lakeloop-test-0123456789ab"


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def report(step: Step, at: datetime) -> StepReport:
    return StepReport(dataset="tiny", step=step, good=True, why="", at=at)


def commit(id_: str, at: datetime) -> LakeCommit:
    return LakeCommit(id_, {"rows_committed": "2"}, ("c0",), int(at.timestamp()))


def endpoint(status: str = "InService") -> EndpointState:
    return EndpointState("lakeloop-test-tiny", status, "config-2", "", {**OURS, names.SERVED_CONFIG_TAG: "config-2"})


def approved(number: int, at: datetime) -> ModelVersion:
    return replace(version(number, "c1", tuning_job=f"job-{number}"), changed=at)


ENDED = TuningRun(JOB, "c1", "Completed", ago(hours=2), ago(hours=1), models=3)
FINE = Seen(
    dataset="tiny",
    now=NOW,
    changed=commit("c1", ago(hours=3)),
    runs=[ENDED],
    versions=[replace(version(2, "c1", tuning_job=JOB), changed=ago(minutes=50))],
    endpoint=endpoint(),
    serving="arn/2",
    off=False,
    trained=report("start_tuning", ago(minutes=55)),
    deployed=report("deploy_model", ago(minutes=50)),
)


def test_a_loop_that_is_well_has_nothing_to_be_told() -> None:
    assert list(findings(FINE)) == []


@pytest.mark.parametrize(
    ("changes", "wakes", "about"),
    [
        ({"versions": [], "endpoint": None, "serving": ""}, "evaluate_model", JOB),
        ({"trained": None}, "start_tuning", "c1"),
        ({"changed": commit("c2", ago(minutes=20))}, "start_tuning", "c2"),
        ({"trained": report("start_tuning", ago(hours=2))}, "start_tuning", JOB),
        ({"endpoint": None, "serving": ""}, "deploy_model", "arn/2"),
        ({"serving": "arn/1"}, "deploy_model", "arn/2"),
        ({"endpoint": endpoint("Failed"), "serving": "arn/2"}, "deploy_model", "arn/2"),
        ({"beside": endpoint()}, "deploy_model", "arn/2"),
        ({"endpoint": replace(endpoint(), tags=OURS)}, "deploy_model", "arn/2"),
    ],
)
def test_what_an_event_did_not_tell_is_found(changes: dict[str, Any], wakes: str, about: str) -> None:
    [found] = findings(replace(FINE, **changes))

    assert (found.wakes, found.about) == (wakes, about)


@pytest.mark.parametrize(
    "changes",
    [
        {"runs": [replace(ENDED, ended=ago(minutes=5))], "versions": [], "serving": "", "endpoint": None},
        {"runs": [replace(ENDED, status="InProgress", ended=None)]},
        {"runs": [replace(ENDED, ended=ago(days=20))], "trained": None, "changed": None, "versions": []},
        {"changed": commit("c2", ago(minutes=5))},
        {"versions": [replace(FINE.versions[0], changed=ago(minutes=5))], "serving": "arn/1"},
        {"endpoint": None, "serving": "", "off": True},
        {"endpoint": endpoint("Updating"), "serving": "arn/1"},
        {"beside": endpoint("Deleting")},
        {"beside": endpoint(), "deployed": report("deploy_model", ago(minutes=2))},
        {"endpoint": replace(endpoint(), tags=OURS), "deployed": report("deploy_model", ago(minutes=2))},
    ],
)
def test_what_is_on_its_way_or_not_wanted_is_left_alone(changes: dict[str, Any]) -> None:
    assert list(findings(replace(FINE, **changes))) == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"endpoint": endpoint("Updating"), "deployed": report("deploy_model", ago(hours=4))}, "is Updating since"),
        (
            {"endpoint": endpoint("Failed"), "versions": [version(2, "c1", Approval.REJECTED, tuning_job=JOB)]},
            "is Failed",
        ),
    ],
)
def test_what_nobody_can_mend_a_person_is_told(changes: dict[str, Any], why: str) -> None:
    [found] = findings(replace(FINE, **changes))

    assert found.wakes is None
    assert why in found.why


def test_rollback_is_undone_by_nobody() -> None:
    """Version 3 was rolled back, so it is rejected; what was approved last is wished, whatever else is approved."""
    case = json.loads((PLAN / "rollback-is-undone" / "state.json").read_text())
    at = {1: ago(hours=5), 2: ago(hours=2), 3: ago(hours=3)}
    versions = [
        replace(
            version(number, "c1", tuning_job=f"job-{number}"),
            changed=at[number],
            approval=Approval.REJECTED
            if "rolled back" in package["note"]
            else Approval(package["ModelApprovalStatus"]),
        )
        for package in reversed(case["packages"])
        for number in [package["ModelPackageVersion"]]
    ]

    assert list(findings(replace(FINE, versions=versions, runs=[], serving="arn/2"))) == []


@dataclass
class Surroundings:
    """All that the function looks at, and what it did."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    answers: MemoryAnswers = field(default_factory=MemoryAnswers)
    branches_: list[LakeBranch] = field(default_factory=list)
    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    reports_: MemoryReports = field(default_factory=MemoryReports)
    publisher: MemoryPublisher[Any] = field(default_factory=MemoryPublisher)
    head: LakeCommit = field(default_factory=lambda: commit("c1", ago(hours=3)))

    def log(self, repository: str, ref: str) -> Iterator[LakeCommit]:
        yield from (LakeCommit("c9", {"rows_committed": "0"}, (self.head.id,)), self.head)

    def branches(self, repository: str, prefix: str) -> Iterator[LakeBranch]:
        yield from list(self.branches_)

    def commit_at(self, repository: str, ref: str) -> LakeCommit:
        return commit(ref, ago(days=3))

    def last_written(self, repository: str, branch: str) -> int | None:
        return int(ago(days=2).timestamp())

    def delete_branch(self, repository: str, branch: str) -> None:
        self.branches_ = [found for found in self.branches_ if found.name != branch]

    def runs(self, dataset: str) -> Iterator[TuningRun]:
        yield ENDED

    def endpoint(self, name: str) -> EndpointState | None:
        return None

    def served(self, config: str) -> ServedConfig | None:
        return None

    def is_off(self, dataset: str) -> bool:
        return False

    def wake(self, step: str, notification: str) -> None:
        self.sent.append((step, notification))

    def service(self, recorder: Recorder | None = None) -> ReconciliationService:
        def seen(name: str, port: object) -> Any:  # noqa: ANN401 any port
            return Proxy(recorder or Recorder(), name, port)

        return ReconciliationService(
            contracts=MemoryContracts(tiny()),
            lake=seen("lake", self),
            branches=seen("branches", self),
            jobs=seen("jobs", self),
            registry=seen("registry", self.registry),
            served=seen("served", self),
            placements=MemoryPlacements("lakeloop-test"),
            switches=seen("switches", self),
            answers=seen("answers", self.answers),
            steps=seen("steps", self),
            publisher=seen("publisher", self.publisher),
            reports=seen("reports", self.reports_),
            name_prefix="lakeloop-test",
        )

    def look(self, recorder: Recorder | None = None) -> str:
        self.service(recorder).handle(message('{"dataset": "tiny"}'))
        return self.reports_.reports["tiny", "reconcile"].why


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    times = [NOW]
    monkeypatch.setattr(module, "now", lambda: times[-1])
    return times


def test_it_says_what_it_did_and_does_nothing_twice(clock: list[datetime]) -> None:
    around = Surroundings(branches_=[LakeBranch("ingest-dead", "c0")])

    first = around.look()
    second = around.look()

    assert "branch ingest-dead of an ingest that ended without a merge is gone" in first
    assert f"{JOB} ended and its model is not judged: evaluate_model is told again" in first
    assert [step for step, _ in around.sent] == ["evaluate_model", "start_tuning"]
    assert "evaluate_model was told at 12:00 UTC" in second
    assert around.branches_ == []
    assert not around.reports_.reports["tiny", "reconcile"].good


def test_what_does_not_help_three_times_is_left_to_a_person(clock: list[datetime]) -> None:
    around = Surroundings()
    for hours in range(6):
        clock.append(NOW + timedelta(hours=2 * hours))
        said = around.look()

    assert [step for step, _ in around.sent].count("evaluate_model") == 3
    assert "evaluate_model was told 3 times and did not help, see its dead letters" in said


def test_asked_for_all_it_asks_for_each() -> None:
    around = Surroundings()

    around.service().handle(message('{"version": 1}'))

    assert [asked.dataset for asked in around.publisher.published] == ["tiny"]


def test_a_crash_at_any_call_ends_as_without_it() -> None:
    def left(around: Surroundings) -> tuple[object, ...]:
        return around.answers, set(around.sent), around.branches_

    def fresh() -> Surroundings:
        return Surroundings(branches_=[LakeBranch("ingest-dead", "c0")])

    unharmed = fresh()
    unharmed.look()

    def run(recorder: Recorder) -> None:
        fresh().look(recorder)

    for recorder in every_crash(run):
        around = fresh()
        with pytest.raises(CrashError):
            around.look(recorder)
        around.look()

        assert left(around) == left(unharmed), recorder


def test_notices_are_what_the_steps_read() -> None:
    around = Surroundings()
    around.look()

    told = {step: json.loads(notification) for step, notification in around.sent}
    assert told["evaluate_model"]["detail"] == {"HyperParameterTuningJobName": JOB}
    assert told["start_tuning"]["commit"] == "c1"
