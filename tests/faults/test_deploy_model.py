"""deploy_model is killed at every call, and its message comes again: the end is the same, and nothing is done twice."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from lakeloop.deployment.service import DeploymentService
from lakeloop.errors import TransientError
from lakeloop.observability import metrics
from tests.data import tiny
from tests.fakes import CrashError, MemoryContracts, MemoryHosting, MemoryReports
from tests.faults.crashes import Proxy, Recorder, every_crash
from tests.unit.lakeloop.test_deployment import (
    ENDPOINT,
    IMAGE,
    JOB,
    NEXT_JOB,
    OWNER,
    ROLE,
    endpoint_event,
    trained,
    tuning_event,
)

Hosted = tuple[MemoryHosting, MemoryReports]
DELIVERIES = 5


def service(hosted: Hosted, recorder: Recorder) -> DeploymentService:
    hosting, reports = hosted
    return DeploymentService(
        contracts=Proxy(recorder, "contracts", MemoryContracts(tiny())),
        hosting=Proxy(recorder, "hosting", hosting),
        reports=Proxy(recorder, "reports", reports),
        name_prefix=OWNER,
        image=IMAGE,
        role_arn=ROLE,
    )


def nothing_yet(slow: bool) -> Hosted:
    models = {JOB: trained(), NEXT_JOB: trained(NEXT_JOB, day=1)}
    return MemoryHosting(models=models, slow=slow), MemoryReports()


def an_older_model(slow: bool) -> Hosted:
    hosted = nothing_yet(slow=False)
    service(hosted, Recorder()).handle(tuning_event(JOB))
    hosted[0].slow = slow
    return hosted


def a_failed_endpoint(slow: bool) -> Hosted:
    hosted = an_older_model(slow)
    hosted[0].endpoints[ENDPOINT] = replace(hosted[0].endpoints[ENDPOINT], status="Failed", failure_reason="capacity")
    return hosted


def deliver(hosted: Hosted, recorder: Recorder) -> None:
    """Until it is done, as a queue would; what SageMaker works on ends between two deliveries."""
    for _ in range(DELIVERIES):
        try:
            service(hosted, recorder).handle(tuning_event(NEXT_JOB))
        except TransientError:
            hosted[0].settle(ENDPOINT)
        else:
            break
        finally:
            # As at the end of an invocation, which sends them.
            metrics.clear_metrics()
    if hosted[0].endpoints[ENDPOINT].status != "InService":
        hosted[0].settle(ENDPOINT)
    service(hosted, recorder).handle(endpoint_event())
    metrics.clear_metrics()


@pytest.mark.parametrize("slow", [False, True], ids=["at once", "in its own time"])
@pytest.mark.parametrize("before", [nothing_yet, an_older_model, a_failed_endpoint])
def test_a_death_at_any_call_ends_like_none(before: Callable[[bool], Hosted], slow: bool) -> None:
    unharmed = before(slow)
    crashes = every_crash(lambda recorder: deliver(unharmed, recorder))

    for crash in crashes:
        hosted = before(slow)
        with pytest.raises(CrashError):
            deliver(hosted, crash)
        deliver(hosted, Recorder())

        died = f"{crash.when} {crash.calls[-1]}"
        assert hosted[0].endpoints == unharmed[0].endpoints, died
        assert hosted[0].made == unharmed[0].made, died
        assert hosted[0].calls == unharmed[0].calls, died
        said, expected = (each[1].reports["tiny", "deploy_model"] for each in (hosted, unharmed))
        assert (said.good, said.job, said.why) == (expected.good, expected.job, expected.why), died
