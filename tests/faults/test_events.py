"""SageMaker's events come twice, late, in any order or not at all: the models and the endpoint end up alike."""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from lakeloop import names
from lakeloop.contract import Promotion
from lakeloop.deployment import plan
from lakeloop.evaluation import jury
from lakeloop.evaluation.scored import Scored, Task
from lakeloop.evaluation.verdict import Outcome, Verdict
from lakeloop.reconciliation import service as reconciliation
from lakeloop.registry.ports import Approval
from lakeloop.reports import now
from tests.data import tiny
from tests.faults.events import PERIOD, Cloud, Event, Fate
from tests.unit.lakeloop.deployments import ENDPOINT, JOB, NEXT_JOB, OWNER
from tests.unit.lakeloop.evaluations import guessing, knowing, table, tuning_event

ROWS = 20
# As many events as any scenario has, so that a new one is seen to be lost, too.
MOST_EVENTS = 12
ORDERS = 8


def judge(
    task: Task, challenger: Scored, champion: Scored | None, policy: Promotion, *, judged: int, seed: int = 0
) -> Verdict:
    """A verdict that costs nothing: a model that gives all rows the same is worse."""
    worse = challenger.rows[task.scores[0]].n_unique() == 1
    approval, outcome = (Approval.REJECTED, Outcome.WORSE) if worse else (Approval.APPROVED, Outcome.BETTER)
    return Verdict(approval, outcome, (outcome.value,), task.metric, challenger.model, "", judged)


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Callers know at once of another endpoint, a verdict costs nothing, and reconcile looks a period later."""
    monkeypatch.setattr(jury, "judge", judge)
    monkeypatch.setattr(plan, "CALLERS_KNOW_AFTER", timedelta(0))
    monkeypatch.setattr(reconciliation, "now", lambda: now() + PERIOD + timedelta(seconds=1))


def a_first_model(fate: Fate) -> Cloud:
    cloud = Cloud(fate)
    cloud.drop("first.csv", table(ROWS, seed=0))
    cloud.trained(knowing, NEXT_JOB)
    cloud.hosting.slow = True
    return cloud


def a_challenger(fate: Fate) -> Cloud:
    cloud = Cloud(Fate())
    cloud.drop("first.csv", table(ROWS, seed=0))
    cloud.trained(guessing)
    cloud.tell(Event("tuning job", tuning_event(JOB), ("evaluate_model",)))
    cloud.go_on()
    cloud.drop("second.csv", table(ROWS, seed=1, prefix="n"))
    cloud.trained(knowing, NEXT_JOB)
    cloud.hosting.slow = True
    cloud.fate = fate
    return cloud


def a_challenger_that_is_broken(fate: Fate) -> Cloud:
    cloud = a_challenger(fate)
    cloud.broken.add(cloud.model_of(cloud.candidates.models[NEXT_JOB].artifact))
    return cloud


def a_challenger_that_is_worse(fate: Fate) -> Cloud:
    cloud = a_challenger(fate)
    cloud.trained(lambda rows: [0.5] * len(rows), NEXT_JOB)
    return cloud


def one_that_reads_otherwise(fate: Fate) -> Cloud:
    """Its features are in another order, so it has an endpoint of its own."""
    cloud = a_challenger(fate)
    columns = cloud.today.model_dump(mode="json")["columns"]
    cloud.today = tiny(columns=[*columns[:-2], columns[-1], columns[-2]], splits=cloud.today.splits.model_dump())
    cloud.trained(knowing, NEXT_JOB)
    return cloud


SCENARIOS = [
    a_first_model,
    a_challenger,
    a_challenger_that_is_broken,
    a_challenger_that_is_worse,
    one_that_reads_otherwise,
]
Scenario = Callable[[Fate], Cloud]


def end(cloud: Cloud) -> object:
    """What is left: versions with their verdicts, the endpoints, what was made and what is said of it."""
    versions = [(found.arn, found.approval, found.why) for found in cloud.registry.packages.values()]
    said = cloud.reports.reports["tiny", "deploy_model"]
    return versions, cloud.hosting.endpoints, cloud.hosting.calls, sorted(cloud.transforms.states), said.good, said.why


def unharmed(scenario: Scenario) -> Cloud:
    cloud = scenario(Fate())
    cloud.run()
    return cloud


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_way_that_nothing_disturbs_leads_to_the_end(scenario: Scenario) -> None:
    cloud = unharmed(scenario)

    approvals = {found.metadata["tuning_job"]: found.approval for found in cloud.registry.packages.values()}
    refused = scenario in (a_challenger_that_is_broken, a_challenger_that_is_worse)
    assert approvals == {
        **({} if scenario is a_first_model else {JOB: Approval.APPROVED if refused else Approval.REJECTED}),
        NEXT_JOB: Approval.REJECTED if refused else Approval.APPROVED,
    }
    apart = scenario is one_that_reads_otherwise
    [(name, state)] = cloud.hosting.endpoints.items()
    assert (name, state.status) == (names.second_endpoint(OWNER, "tiny") if apart else ENDPOINT, "InService")
    assert {event.about for event in cloud.fate.told} <= {"tuning job", "transform job", "model package", "endpoint"}
    assert len(cloud.fate.told) <= MOST_EVENTS


def fates(kind: str) -> Iterator[Fate]:
    numbers = range(1, MOST_EVENTS + 1)
    if kind == "twice":
        yield Fate(copies=2)
    elif kind == "late":
        yield from (Fate(late=number) for number in numbers)
    elif kind == "lost":
        yield from (Fate(lost=number) for number in numbers)
    else:
        yield Fate(copies=2, order=lambda waiting: waiting[-1])
        for seed in range(ORDERS):
            yield Fate(copies=2, order=random.Random(seed).choice)  # noqa: S311


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("kind", ["twice", "late", "out of order"])
def test_events_that_come_otherwise_lead_to_the_same_end(scenario: Scenario, kind: str) -> None:
    expected = end(unharmed(scenario))

    for fate in fates(kind):
        cloud = scenario(fate)
        cloud.run()

        assert end(cloud) == expected, fate


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_what_a_lost_event_left_undone_is_repaired_within_a_period(scenario: Scenario) -> None:
    expected = end(unharmed(scenario))

    for fate in fates("lost"):
        cloud = scenario(fate)
        cloud.run()
        cloud.reconcile()
        cloud.go_on()

        lost = [event.about for event in fate.told][fate.lost - 1 : fate.lost]
        assert end(cloud) == expected, f"{fate.lost}: {lost}"
