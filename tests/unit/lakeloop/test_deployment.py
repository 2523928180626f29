"""Endpoints come to the versions that are approved, and never back from them by themselves."""

import json
from dataclasses import replace

import pytest

from lakeloop import names
from lakeloop.deployment.ports import EndpointState
from lakeloop.errors import MalformedMessageError, PermanentError, TransientError
from lakeloop.messages import JudgeAgain
from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval
from tests.cases import OPS, PLAN
from tests.data import tiny
from tests.fakes import message
from tests.metrics import counted
from tests.unit.lakeloop.deployments import ENDPOINT, JOB, NEXT_JOB, Deployments, endpoint_event, package_event, state


def test_an_approved_version_is_deployed_once_however_often_the_event_comes() -> None:
    loop = Deployments()
    version = loop.judged()

    for _ in range(3):
        loop.handle(package_event())
        loop.handle(endpoint_event())

    assert loop.calls == ["create"]
    assert loop.state.tags[names.TUNING_JOB_TAG] == JOB
    assert loop.state.tags[names.MODEL_PACKAGE_TAG] == version.arn == loop.served
    assert loop.report() == (True, f"version 1 serves: {loop.state.config} is in service")


@pytest.mark.parametrize("approval", [Approval.REJECTED, Approval.PENDING])
def test_a_version_that_is_not_approved_is_not_deployed(approval: Approval) -> None:
    loop = Deployments()
    loop.judged(approval=approval)

    loop.handle(package_event())

    assert loop.hosting.endpoints == {}


def test_a_better_version_takes_the_place_and_the_one_before_is_superseded() -> None:
    loop = Deployments(slow=True)
    first = loop.deploy()
    second = loop.judged(NEXT_JOB, champion=first.arn)

    loop.handle(package_event())
    assert (loop.served, loop.approvals) == (first.arn, ["Approved", "Approved"])
    assert loop.state.tags[names.MODEL_PACKAGE_TAG] == first.arn
    loop.settle()

    assert loop.state.tags[names.MODEL_PACKAGE_TAG] == second.arn == loop.served
    assert loop.approvals == ["Rejected", "Approved"]
    assert loop.why(first) == "superseded by version 2"


def test_a_version_that_a_person_approves_again_is_deployed() -> None:
    loop = Deployments()
    first = loop.deploy()
    loop.deploy(NEXT_JOB, champion=first.arn)

    # As the console does it: nothing but the approval changes.
    loop.registry.decide(first.arn, Approval.APPROVED, "", {})
    loop.handle(package_event())
    loop.settle()

    assert loop.served == first.arn
    assert loop.approvals == ["Approved", "Rejected"]


def test_marked_package_wakes_deploy_and_nothing_is_deployed_again() -> None:
    event = json.loads((PLAN / "marked-package-wakes-deploy" / "event.json").read_text())
    loop = Deployments(contract=tiny(name="clicks"), owner="x", slow=True)
    event["detail"]["ModelPackageGroupName"] = loop.endpoint
    loop.deploy(JOB)
    broken = loop.judged(NEXT_JOB, champion=loop.served)

    for _ in range(2):
        loop.handle(message(event))
    loop.settle("did not pass the ping health check")
    for _ in range(2):
        loop.handle(message(event))

    assert loop.calls == ["create", "update"]
    assert loop.approvals == ["Approved", "Rejected"]
    assert loop.why(broken).endswith("did not pass the ping health check")


def test_rollback_is_undone_by_no_event_and_no_repair() -> None:
    case = json.loads((PLAN / "rollback-is-undone" / "state.json").read_text())
    loop = Deployments()
    arns: dict[int, str] = {}
    for package in case["packages"]:
        champion = loop.served if arns else lineage.NOBODY
        arns[package["ModelPackageVersion"]] = loop.deploy(f"job-{len(arns)}", champion=champion).arn
    for arn, found in loop.registry.packages.items():
        loop.registry.packages[arn] = replace(found, approval=Approval.APPROVED, changed=found.created)
    # A person brought the endpoint back without a word to the registry.
    made = loop.hosting.made
    second = next(config for config in loop.hosting.model_of if made[config][names.MODEL_PACKAGE_TAG] == arns[2])
    loop.hosting.endpoints[ENDPOINT] = replace(loop.state, config=second)
    before = list(loop.hosting.calls)

    for _ in range(4):
        loop.handle(package_event(ModelPackageVersion=3))
        loop.service().serve_as_contracts_say(["tiny"])

    assert loop.served == arns[2]
    assert loop.hosting.calls == before
    assert loop.registry.packages[arns[3]].approval is Approval.REJECTED
    assert loop.registry.packages[arns[3]].why == f"somebody brought the endpoint back to {second}"


def test_an_approval_beside_a_model_that_serves_no_longer_is_judged_again() -> None:
    loop = Deployments()
    first = loop.deploy()
    stale = loop.judged(NEXT_JOB, champion=lineage.NOBODY)

    loop.handle(package_event())
    loop.handle(package_event())

    assert loop.served == first.arn
    assert loop.evaluator.published == [JudgeAgain(dataset="tiny", tuning_job=NEXT_JOB)]
    assert loop.registry.packages[stale.arn].approval is Approval.PENDING
    assert loop.calls == ["create"]


def test_what_a_person_approved_is_not_judged_again() -> None:
    loop = Deployments()
    loop.deploy()
    waiting = loop.judged(NEXT_JOB, Approval.PENDING, champion="arn:of/another")

    loop.registry.decide(waiting.arn, Approval.APPROVED, "", {})
    loop.handle(package_event())

    assert (loop.served, loop.evaluator.published) == (waiting.arn, [])


def test_a_busy_endpoint_is_tried_again_later() -> None:
    loop = Deployments()
    loop.judged()
    loop.hosting.endpoints[ENDPOINT] = state(status="Updating")

    with pytest.raises(TransientError, match="cannot be updated now"):
        loop.handle(package_event())

    assert loop.report() == (True, f"{ENDPOINT} cannot be updated now: the endpoint is Updating")


def test_a_failed_endpoint_is_deleted_and_made_again_for_another_version() -> None:
    loop = Deployments(slow=True)
    loop.judged()
    loop.hosting.endpoints[ENDPOINT] = state(status="Failed")

    with pytest.raises(TransientError, match="is being deleted"):
        loop.handle(package_event())
    with pytest.raises(TransientError, match="the endpoint is being deleted, and is made anew then"):
        loop.handle(package_event())
    loop.hosting.settle(ENDPOINT)
    loop.handle(package_event())

    assert loop.calls == ["delete", "create"]


def test_a_model_that_never_comes_up_is_rejected_until_a_person_wants_it() -> None:
    loop = Deployments(slow=True)
    version = loop.judged()
    loop.handle(package_event())
    loop.settle("no ping")

    assert loop.report() == (False, "version 1 is not served: the endpoint is Failed: no ping")
    assert (loop.calls, loop.approvals) == (["create"], ["Rejected"])

    loop.registry.decide(version.arn, Approval.APPROVED, "once more", {})
    with pytest.raises(TransientError, match="is being deleted"):
        loop.handle(package_event())


def test_an_update_that_sagemaker_refused_is_made_later_and_told_as_what_it_is() -> None:
    loop = Deployments(slow=True)
    first = loop.deploy()
    second = loop.judged(NEXT_JOB, champion=first.arn)
    loop.hosting.refused = [TransientError("Cannot update in-progress endpoint")]

    with pytest.raises(TransientError):
        loop.handle(package_event())
    assert loop.report()[0]
    loop.handle(package_event())
    loop.settle()

    assert loop.served == second.arn
    assert loop.report() == (True, f"version 2 serves: {loop.state.config} is in service")
    assert loop.calls == ["create", "update"]


def test_a_fleet_that_rolls_back_leaves_its_reason_and_the_version_is_rejected() -> None:
    loop = Deployments(slow=True)
    first = loop.deploy()
    second = loop.judged(NEXT_JOB, champion=first.arn)
    loop.handle(package_event())

    loop.settle("did not pass the ping health check")

    why = f"its update was rolled back to {loop.state.config}: did not pass the ping health check"
    assert loop.report() == (False, f"version 2 is not served: {why}")
    assert loop.why(second) == why
    assert (loop.served, loop.approvals) == (first.arn, ["Approved", "Rejected"])
    assert counted() == {"DeploymentFailed": 1}
    assert loop.state.tags[names.TUNING_JOB_TAG] == JOB


def test_a_version_that_was_rolled_back_is_tried_again_when_a_person_approves_it() -> None:
    loop = Deployments(slow=True)
    first = loop.deploy()
    second = loop.judged(NEXT_JOB, champion=first.arn)
    loop.handle(package_event())
    loop.settle("no capacity")

    loop.registry.decide(second.arn, Approval.APPROVED, "there is capacity again", {})
    loop.handle(package_event())
    loop.settle()

    assert loop.calls == ["create", "update", "update"]
    assert loop.served == second.arn


def test_a_deployment_that_ends_well_is_counted_and_told_of_its_job() -> None:
    loop = Deployments(slow=True)
    loop.judged()
    loop.handle(package_event())

    loop.handle(endpoint_event())
    assert counted() == {}
    loop.settle()

    assert loop.reports.reports["tiny", "deploy_model"].job == JOB
    assert counted() == {"DeploymentSucceeded": 1}


def test_an_endpoint_made_by_hand_is_refused_with_what_to_do() -> None:
    case = json.loads((OPS / "endpoint-made-by-hand" / "endpoint.json").read_text())
    foreign = EndpointState(
        name=case["EndpointName"],
        status=case["EndpointStatus"],
        config=case["EndpointConfigName"],
        failure_reason="",
        tags={tag["Key"]: tag["Value"] for tag in case["Tags"]},
    )
    loop = Deployments(contract=tiny(name="wine"), owner="lakeloop-dev")
    loop.hosting.endpoints["lakeloop-dev-wine"] = foreign
    loop.judged()

    said = "endpoint lakeloop-dev-wine was not made by lakeloop: delete it or rename the dataset"
    with pytest.raises(PermanentError, match=said):
        loop.handle(package_event("lakeloop-dev-wine"))

    assert (loop.calls, loop.state) == ([], foreign)
    assert loop.report() == (False, said)


def test_the_end_of_somebody_elses_deployment_is_not_reported() -> None:
    loop = Deployments()
    loop.judged()
    theirs = {names.ENVIRONMENT_TAG: "lakeloop-test-alice", names.DATASET_TAG: "tiny", names.DESIRED_CONFIG_TAG: "old"}
    loop.hosting.endpoints[ENDPOINT] = EndpointState(ENDPOINT, "InService", "old", "", theirs)

    loop.handle(endpoint_event())

    assert loop.reports.reports == {}


def test_an_endpoint_that_somebody_deleted_stays_so() -> None:
    loop = Deployments()
    loop.deploy()
    del loop.hosting.endpoints[ENDPOINT]

    loop.handle(endpoint_event())

    assert loop.calls == ["create"]


def test_an_endpoint_that_a_person_switched_off_stays_away_whatever_is_approved() -> None:
    loop = Deployments()
    loop.switches.off.add(loop.contract.name)

    loop.judged()
    loop.handle(package_event())

    assert loop.calls == []
    loop.switches.off.clear()
    loop.handle(package_event())
    assert loop.calls == ["create"]


@pytest.mark.parametrize("body", [{"detail-type": "SageMaker Training Job State Change", "detail": {}}, {}, []])
def test_other_events_are_malformed(body: object) -> None:
    with pytest.raises(MalformedMessageError):
        Deployments().handle(message(json.dumps(body)))
