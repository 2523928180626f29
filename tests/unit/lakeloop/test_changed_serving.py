"""An endpoint follows what its contract says about serving, with the model that serves."""

from lakeloop import names
from lakeloop.deployment.ports import EndpointState
from tests.data import tiny
from tests.unit.lakeloop.deployments import ENDPOINT, LARGER, Deployments, package_event, state


def test_a_changed_serving_section_is_brought_about_with_the_model_that_serves() -> None:
    loop = Deployments()
    version = loop.deploy()
    before = loop.state.config
    changed = loop.service(tiny(serving=LARGER.model_dump()))

    result = changed.serve_as_contracts_say(["tiny"])
    again = changed.serve_as_contracts_say(["tiny"])

    assert loop.state.config != before
    assert loop.served == version.arn
    assert result["tiny"].startswith("update version 1")
    assert again["tiny"] == f"settle version 1: {loop.state.config} is in service"


def test_a_size_that_cannot_be_had_is_told_and_the_version_stays_approved() -> None:
    loop = Deployments(slow=True)
    loop.deploy()
    loop.contract = tiny(serving=LARGER.model_dump())
    loop.service().serve_as_contracts_say(["tiny"])

    loop.settle("no capacity")

    assert loop.approvals == ["Approved"]
    assert loop.report()[0] is False
    assert loop.calls == ["create", "update"]


def test_a_changed_serving_section_waits_for_a_busy_endpoint_and_follows_when_it_settles() -> None:
    loop = Deployments(slow=True)
    loop.judged()
    loop.handle(package_event())
    loop.contract = tiny(serving=LARGER.model_dump())

    assert "cannot be updated now" in loop.service().serve_as_contracts_say(["tiny"])["tiny"]
    loop.settle()

    assert loop.calls == ["create", "update"]


def test_serving_that_cannot_change_says_why() -> None:
    loop = Deployments()
    others = EndpointState(ENDPOINT, "InService", "old", "", {names.ENVIRONMENT_TAG: "lakeloop-test-alice"})

    assert loop.service().serve_as_contracts_say(["tiny"]) == {"tiny": "no endpoint yet"}
    loop.hosting.endpoints[ENDPOINT] = others
    assert loop.service().serve_as_contracts_say(["tiny"]) == {"tiny": "no endpoint yet"}
    loop.hosting.endpoints[ENDPOINT] = state()
    said = loop.service().serve_as_contracts_say(["tiny"])["tiny"]
    assert said == "no version is approved: the next training brings one, or a person approves one"
