"""A new model on instances takes requests step by step, and alarms bring them back."""

from datetime import datetime

import pytest

from lakeloop import names
from lakeloop.errors import TransientError
from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval
from tests.data import tiny
from tests.unit.lakeloop.deployments import ENDPOINT, JOB, NEXT_JOB, Deployments, package_event

TWO = {"instances": {"instance_type": "ml.m5.large", "count": 2}}
CANARY = tiny(serving={**TWO, "traffic": {"max_latency_ms": 500}})
ERRORS = f"{ENDPOINT}-serving-errors"


def one_that_serves() -> Deployments:
    loop = Deployments(contract=CANARY, slow=True)
    loop.deploy(JOB)
    return loop


def test_an_update_names_its_alarms_and_a_first_endpoint_needs_none() -> None:
    loop = one_that_serves()
    assert loop.hosting.moves == []

    loop.judged(NEXT_JOB, champion=loop.served)
    loop.handle(package_event())

    [move] = loop.hosting.moves
    assert move is not None
    assert move["AutoRollbackConfiguration"] == {
        "Alarms": [{"AlarmName": ERRORS}, {"AlarmName": f"{ENDPOINT}-serving-latency"}]
    }


def test_an_alarm_that_is_red_already_postpones_the_update_and_says_so() -> None:
    loop = one_that_serves()
    first = loop.served
    loop.watch.alarms = {ERRORS, "somebody else's"}
    second = loop.judged(NEXT_JOB, champion=first)

    with pytest.raises(TransientError, match=f"in ALARM before the update: {ERRORS}$"):
        loop.handle(package_event())
    assert (loop.served, loop.calls, loop.approvals) == (first, ["create"], ["Approved", "Approved"])
    assert loop.report() == (True, f"{ENDPOINT} cannot be updated now: in ALARM before the update: {ERRORS}")

    loop.watch.alarms.clear()
    loop.handle(package_event())
    loop.settle()
    assert loop.served == second.arn


def test_a_person_who_takes_a_model_back_waits_for_no_alarm_of_that_model() -> None:
    loop = one_that_serves()
    first = next(iter(loop.registry.packages.values()))
    second = loop.deploy(NEXT_JOB, champion=first.arn)
    loop.watch.alarms = {ERRORS}

    loop.registry.decide(second.arn, Approval.REJECTED, "errs", {lineage.DECIDED_BY: "arn:alice"})
    loop.registry.decide(first.arn, Approval.APPROVED, "rolled back to", {lineage.DECIDED_BY: "arn:alice"})
    loop.handle(package_event())

    assert loop.hosting.moves[-1] is None
    assert loop.state.tags[names.WATCHED_TAG] == ""
    loop.settle()
    assert loop.served == first.arn
    assert loop.watch.asked_since == loop.watch.asked_since[:1]


def test_more_instances_are_no_reason_to_wait_for_the_alarm_that_asks_for_them() -> None:
    loop = one_that_serves()
    loop.watch.alarms = {f"{ENDPOINT}-serving-latency"}
    loop.contract = tiny(
        serving={"instances": {"instance_type": "ml.m5.large", "count": 4}, "traffic": {"max_latency_ms": 500}}
    )

    said = loop.service().serve_as_contracts_say(["tiny"])["tiny"]

    assert said.startswith("update at once version 1: in ALARM before the update")
    assert loop.hosting.moves == [None]


@pytest.mark.parametrize(
    ("requests", "said"),
    [
        (1, "version 2 serves: {config} is in service"),
        (
            0,
            "version 2 serves, promoted without evidence, as nobody asked while it was watched: {config} is in service",
        ),
    ],
)
def test_a_canary_that_nobody_asked_is_promoted_without_evidence(requests: int, said: str) -> None:
    loop = one_that_serves()
    loop.judged(NEXT_JOB, champion=loop.served)
    loop.handle(package_event())
    since = datetime.fromisoformat(loop.state.tags[names.WATCHED_TAG])
    loop.watch.requests = requests

    loop.settle()

    assert loop.report() == (True, said.format(config=loop.state.config))
    assert loop.watch.asked_since == [since]


def test_an_alarm_during_a_canary_marks_the_version_and_the_one_before_serves_on() -> None:
    loop = one_that_serves()
    first = loop.served
    second = loop.judged(NEXT_JOB, champion=first)
    loop.handle(package_event())

    loop.settle(f"One or more of the alarms are in ALARM state: {ERRORS}")

    assert loop.served == first
    assert loop.registry.packages[second.arn].approval is Approval.REJECTED
    good, why = loop.report()
    assert not good
    assert why.endswith(f"alarms are in ALARM state: {ERRORS}")
    assert loop.watch.asked_since == []
