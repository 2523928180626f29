"""evaluate_model is killed at every call, its messages come twice, late and in any order: one version, one verdict."""

from collections.abc import Callable
from copy import deepcopy
from itertools import permutations

import pytest

from lakeloop.contract import Promotion
from lakeloop.evaluation import jury
from lakeloop.evaluation.scored import Scored, Task
from lakeloop.evaluation.service import EvaluationService
from lakeloop.evaluation.verdict import Outcome, Verdict
from lakeloop.messages import Message
from lakeloop.observability import metrics
from lakeloop.registry.ports import Approval
from tests.fakes import CrashError, MemoryContracts
from tests.faults.crashes import Proxy, Recorder, every_crash
from tests.unit.lakeloop.deployments import IMAGE, JOB, NEXT_JOB, OWNER, ROLE
from tests.unit.lakeloop.evaluations import (
    KEY_ARN,
    Evaluations,
    guessing,
    knowing,
    table,
    transform_event,
    tuning_event,
)

ROWS = 20


def judge(
    task: Task, challenger: Scored, champion: Scored | None, policy: Promotion, *, judged: int, seed: int = 0
) -> Verdict:
    """A verdict that costs nothing and tells of all it was given."""
    sums = [scored.rows[task.scores[0]].sum() for scored in (challenger, champion) if scored]
    reasons = (f"{sums} of {challenger.rows.height}", f"judged {judged}")
    return Verdict(Approval.APPROVED, Outcome.BETTER, reasons, task.metric, challenger.model, "", judged)


@pytest.fixture(autouse=True)
def a_rule_that_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jury, "judge", judge)


class Killed(Evaluations):
    """The function's calls go through a recorder."""

    recorder = Recorder()

    def service(self) -> EvaluationService:
        around = self.recorder
        return EvaluationService(
            contracts=Proxy(around, "contracts", MemoryContracts(self.today)),
            model_contracts=Proxy(around, "model_contracts", self.model_contracts),
            lake=Proxy(around, "lake", self.world.lake),
            candidates=Proxy(around, "candidates", self.candidates),
            models=Proxy(around, "models", self.hosting),
            transforms=Proxy(around, "transforms", self.transforms),
            registry=Proxy(around, "registry", self.registry),
            evaluations=Proxy(around, "evaluations", self.artifacts),
            reports=Proxy(around, "reports", self.reports),
            name_prefix=OWNER,
            image=IMAGE,
            role_arn=ROLE,
            kms_key_arn=KEY_ARN,
            git_sha="abc",
        )


def a_first_model() -> Killed:
    loop = Killed()
    loop.drop("first.csv", table(ROWS, seed=0))
    loop.trained(guessing, NEXT_JOB)
    return loop


def a_challenger() -> Killed:
    loop = Killed()
    loop.drop("first.csv", table(ROWS, seed=0))
    loop.trained(guessing)
    loop.serve(loop.evaluate())
    loop.drop("second.csv", table(ROWS, seed=1, prefix="n"))
    loop.trained(knowing, NEXT_JOB)
    return loop


def a_transform_that_fails() -> Killed:
    loop = a_challenger()
    for artifact in [loop.candidates.models[NEXT_JOB].artifact]:
        del loop.transforms.answers[loop.model_of(artifact)]
    return loop


def end_transforms(loop: Killed) -> list[str]:
    """As SageMaker would: a model that cannot answer fails."""
    for name, request in loop.transforms.requests.items():
        if request["ModelName"] not in loop.transforms.answers:
            loop.transforms.fail(name, "AlgorithmError: it died")
    loop.transforms.finish()
    return [name for name in loop.transforms.states if name.startswith(NEXT_JOB)]


def deliver(loop: Killed, recorder: Recorder) -> None:
    loop.recorder = recorder
    loop.handle(tuning_event(NEXT_JOB))
    for name in end_transforms(loop):
        loop.handle(transform_event(name))
    metrics.clear_metrics()


def known(loop: Killed) -> object:
    versions = [(found.arn, found.approval, found.why, found.artifact) for found in loop.registry.packages.values()]
    objects = {key: body for key, body in loop.artifacts.objects.items() if key.startswith("evaluations/")}
    said = loop.reports.reports["tiny", "evaluate_model"]
    return versions, sorted(loop.transforms.states), objects, (said.good, said.job, said.why)


@pytest.mark.parametrize("before", [a_first_model, a_challenger, a_transform_that_fails])
def test_a_death_at_any_call_ends_like_none(before: Callable[[], Killed]) -> None:
    begun = before()
    unharmed = deepcopy(begun)
    crashes = every_crash(lambda recorder: deliver(unharmed, recorder))

    for crash in crashes:
        loop = deepcopy(begun)
        with pytest.raises(CrashError):
            deliver(loop, crash)
        metrics.clear_metrics()
        deliver(loop, Recorder())

        assert known(loop) == known(unharmed), f"{crash.when} {crash.calls[-1]}"


def test_events_in_any_order_and_twice_give_one_verdict() -> None:
    unharmed = a_challenger()
    deliver(unharmed, Recorder())
    names = sorted(name for name in unharmed.transforms.states if name.startswith(NEXT_JOB))
    events: list[Message] = [tuning_event(NEXT_JOB), *map(transform_event, names), tuning_event(JOB)]

    begun = a_challenger()
    for order in permutations(events):
        loop = deepcopy(begun)
        loop.handle(tuning_event(NEXT_JOB))
        end_transforms(loop)
        for event in (*order, *order):
            loop.handle(event)
        metrics.clear_metrics()

        assert known(loop) == known(unharmed)
