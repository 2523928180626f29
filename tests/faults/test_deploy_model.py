"""deploy_model is killed at every call, and its message comes again: the end is the same, and nothing is done twice."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from lakeloop import names
from lakeloop.deployment import plan
from lakeloop.deployment.service import DeploymentService
from lakeloop.errors import TransientError
from lakeloop.observability import metrics
from lakeloop.registry.ports import Approval
from tests.fakes import CrashError, MemoryContracts
from tests.faults.crashes import Proxy, Recorder, every_crash
from tests.unit.lakeloop.deployments import (
    ENDPOINT,
    JOB,
    NEXT_JOB,
    OWNER,
    ROLE,
    Deployments,
    endpoint_event,
    package_event,
)
from tests.unit.serving.asking import reading

DELIVERIES = 5
SECOND = names.second_endpoint(OWNER, "tiny")


@pytest.fixture(autouse=True)
def callers_know_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "CALLERS_KNOW_AFTER", timedelta(0))


class Killed(Deployments):
    """The function's calls go through a recorder."""

    recorder = Recorder()

    def service(self, contract: object = None) -> DeploymentService:
        return DeploymentService(
            contracts=Proxy(self.recorder, "contracts", MemoryContracts(self.contract)),
            hosting=Proxy(self.recorder, "hosting", self.hosting),
            placements=Proxy(self.recorder, "placements", self.placements),
            model_contracts=Proxy(self.recorder, "model_contracts", self.model_contracts),
            watch=Proxy(self.recorder, "watch", self.watch),
            registry=Proxy(self.recorder, "registry", self.registry),
            evaluator=Proxy(self.recorder, "evaluator", self.evaluator),
            switches=Proxy(self.recorder, "switches", self.switches),
            reports=Proxy(self.recorder, "reports", self.reports),
            name_prefix=OWNER,
            role_arn=ROLE,
        )


def nothing_yet(slow: bool) -> Killed:
    loop = Killed(slow=slow)
    loop.judged(NEXT_JOB)
    return loop


def an_older_model(slow: bool) -> Killed:
    loop = Killed(slow=False)
    first = loop.deploy(JOB)
    loop.hosting.slow = slow
    # Approved, and overtaken before it was deployed.
    loop.judged("job-between", champion=first.arn)
    loop.judged(NEXT_JOB, champion=first.arn)
    return loop


def a_failed_endpoint(slow: bool) -> Killed:
    loop = an_older_model(slow)
    loop.hosting.endpoints[ENDPOINT] = replace(loop.state, status="Failed", failure_reason="capacity")
    return loop


def an_approval_that_is_stale(slow: bool) -> Killed:
    loop = Killed(slow=False)
    loop.deploy(JOB)
    loop.hosting.slow = slow
    loop.judged(NEXT_JOB, champion="arn:another")
    return loop


def one_that_reads_otherwise(slow: bool) -> Killed:
    loop = Killed(slow=False)
    for encoding, features in (("a", ["x", "z"]), ("b", ["z", "x"])):
        loop.model_contracts.contracts[encoding] = reading(features)
    first = loop.judged(JOB, contract="a")
    loop.handle(package_event())
    loop.settle()
    loop.hosting.slow = slow
    loop.judged(NEXT_JOB, champion=first.arn, contract="b")
    return loop


def settled(loop: Killed, failure: str) -> None:
    for name in list(loop.hosting.endpoints):
        loop.hosting.settle(name, failure)


def deliver(loop: Killed, recorder: Recorder, failure: str = "") -> None:
    """Until it is done, as a queue would; what SageMaker works on ends between two deliveries."""
    loop.recorder = recorder
    for _ in range(DELIVERIES):
        try:
            loop.handle(package_event())
        except TransientError:
            settled(loop, failure)
        else:
            break
        finally:
            # As at the end of an invocation, which sends them.
            metrics.clear_metrics()
    settled(loop, failure)
    for name in (ENDPOINT, SECOND) * 3:
        with suppress(TransientError):
            loop.handle(endpoint_event(name))
        settled(loop, failure)
        metrics.clear_metrics()


def assert_same(loop: Killed, unharmed: Killed, died: str) -> None:
    assert loop.hosting.endpoints == unharmed.hosting.endpoints, died
    assert loop.hosting.made == unharmed.hosting.made, died
    assert [(found.approval, found.why) for found in loop.registry.packages.values()] == [
        (found.approval, found.why) for found in unharmed.registry.packages.values()
    ], died
    assert set(loop.evaluator.published) == set(unharmed.evaluator.published), died
    said, expected = (each.reports.reports["tiny", "deploy_model"] for each in (loop, unharmed))
    assert (said.good, said.job, said.why) == (expected.good, expected.job, expected.why), died


@pytest.mark.parametrize("slow", [False, True], ids=["at once", "in its own time"])
@pytest.mark.parametrize(
    "before", [nothing_yet, an_older_model, a_failed_endpoint, an_approval_that_is_stale, one_that_reads_otherwise]
)
def test_a_death_at_any_call_ends_like_none(before: Callable[[bool], Killed], slow: bool) -> None:
    unharmed = before(slow)
    crashes = every_crash(lambda recorder: deliver(unharmed, recorder))

    for crash in crashes:
        loop = before(slow)
        with pytest.raises(CrashError):
            deliver(loop, crash)
        deliver(loop, Recorder())

        died = f"{crash.when} {crash.calls[-1]}"
        assert_same(loop, unharmed, died)
        assert loop.hosting.calls == unharmed.hosting.calls, died


@pytest.mark.parametrize("before", [nothing_yet, an_older_model, one_that_reads_otherwise])
def test_a_death_beside_a_rollback_ends_like_none(before: Callable[[bool], Killed]) -> None:
    unharmed = before(True)
    crashes = every_crash(lambda recorder: deliver(unharmed, recorder, "no ping"))
    assert list(unharmed.registry.packages.values())[-1].approval is Approval.REJECTED

    for crash in crashes:
        loop = before(True)
        with pytest.raises(CrashError):
            deliver(loop, crash, "no ping")
        deliver(loop, Recorder(), "no ping")

        assert_same(loop, unharmed, f"{crash.when} {crash.calls[-1]}")
