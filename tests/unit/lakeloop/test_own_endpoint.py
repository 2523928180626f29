"""A model that reads rows otherwise than the one that serves takes its place on an endpoint of its own."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from lakeloop import names
from lakeloop.errors import TransientError
from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval, ModelVersion
from tests.cases import PLAN
from tests.unit.lakeloop.deployments import ENDPOINT, JOB, NEXT_JOB, OWNER, Deployments, endpoint_event, package_event
from tests.unit.serving.asking import reading

CASE = json.loads((PLAN / "canary-between-two-encodings" / "models.json").read_text())
SECOND = names.second_endpoint(OWNER, "tiny")


class Apart(Deployments):
    """One model serves, and one of the other encoding is approved."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("old", "new"):
            self.model_contracts.contracts[CASE[name]["encoding"]] = reading(CASE[name]["features"])
        self.first = self.judged(JOB, contract=CASE["old"]["encoding"])
        self.handle(package_event())
        self.settle()
        self.second = self.judged(NEXT_JOB, champion=self.first.arn, contract=CASE["new"]["encoding"])

    @property
    def placed(self) -> str:
        return self.placements.of("tiny").endpoint

    def version_on(self, endpoint: str) -> str:
        return self.hosting.made[self.hosting.endpoints[endpoint].config][names.MODEL_PACKAGE_TAG]

    def brought(self, failure: str = "") -> None:
        """SageMaker ends what it is at on the second endpoint, and tells so."""
        self.hosting.settle(SECOND, failure)
        self.handle(endpoint_event(SECOND))

    def after_a_minute(self) -> None:
        at = self.placements.moved["tiny"]
        assert at.since
        self.placements.moved["tiny"] = replace(at, since=at.since - timedelta(minutes=1))

    def why_of(self, version: ModelVersion) -> tuple[Approval, str]:
        found = self.registry.packages[version.arn]
        return found.approval, found.why


def test_canary_between_two_encodings_is_none_as_the_two_never_share_an_endpoint() -> None:
    loop = Apart(slow=True)

    loop.handle(package_event())
    assert (loop.placed, loop.version_on(ENDPOINT), loop.version_on(SECOND)) == (
        ENDPOINT,
        loop.first.arn,
        loop.second.arn,
    )
    loop.handle(package_event())
    loop.handle(endpoint_event(SECOND))
    assert loop.placed == ENDPOINT

    with pytest.raises(TransientError, match=f"version 2 serves on {SECOND}; {ENDPOINT} goes when"):
        loop.brought()
    assert loop.placed == SECOND
    assert loop.hosting.endpoints[ENDPOINT].status == "InService"
    with pytest.raises(TransientError, match="goes when"):
        loop.handle(package_event())
    loop.after_a_minute()
    for _ in range(2):
        loop.handle(package_event())
    loop.hosting.settle(ENDPOINT)
    loop.handle(package_event())

    assert list(loop.hosting.endpoints) == [SECOND]
    assert loop.hosting.endpoints[SECOND].tags[names.MODEL_PACKAGE_TAG] == loop.second.arn
    assert loop.calls == ["create", "create", "delete"]
    assert loop.approvals == ["Rejected", "Approved"]
    assert loop.report() == (
        True,
        f"version 2 serves: {loop.hosting.endpoints[SECOND].config} is in service on {SECOND}",
    )


def test_one_that_never_comes_up_is_marked_and_callers_notice_nothing() -> None:
    loop = Apart(slow=True)
    before = loop.hosting.endpoints[ENDPOINT]
    loop.handle(package_event())

    loop.brought("no ping")
    loop.hosting.settle(SECOND)
    for _ in range(2):
        loop.handle(package_event())

    assert loop.hosting.endpoints == {ENDPOINT: before}
    assert loop.placed == ENDPOINT
    assert loop.why_of(loop.second) == (Approval.REJECTED, f"its endpoint {SECOND} is Failed: no ping")
    assert loop.approvals == ["Approved", "Rejected"]


def test_a_rollback_to_the_other_encoding_takes_the_same_way_back() -> None:
    loop = Apart()
    loop.handle(package_event())
    with pytest.raises(TransientError):
        loop.handle(endpoint_event(SECOND))
    loop.after_a_minute()
    loop.handle(package_event())
    assert list(loop.hosting.endpoints) == [SECOND]

    loop.registry.decide(loop.second.arn, Approval.REJECTED, "errs", {lineage.DECIDED_BY: "arn:alice"})
    loop.registry.decide(loop.first.arn, Approval.APPROVED, "back", {lineage.DECIDED_BY: "arn:alice"})
    loop.handle(package_event())
    with pytest.raises(TransientError):
        loop.handle(endpoint_event(ENDPOINT))
    loop.after_a_minute()
    loop.handle(package_event())

    assert (loop.placed, list(loop.hosting.endpoints)) == (ENDPOINT, [ENDPOINT])
    assert loop.version_on(ENDPOINT) == loop.first.arn


def test_a_model_of_the_same_recipe_is_an_update_wherever_the_endpoint_is() -> None:
    loop = Apart()
    loop.handle(package_event())
    with pytest.raises(TransientError):
        loop.handle(endpoint_event(SECOND))
    loop.after_a_minute()
    loop.handle(package_event())

    third = loop.judged("job-3", champion=loop.second.arn, contract=CASE["new"]["encoding"])
    loop.handle(package_event())
    loop.handle(endpoint_event(SECOND))

    assert (loop.placed, loop.version_on(SECOND)) == (SECOND, third.arn)
    assert loop.calls == ["create", "create", "delete", "update"]


def test_what_is_left_over_on_the_other_endpoint_goes_first() -> None:
    loop = Apart()
    left = replace(loop.hosting.endpoints[ENDPOINT], name=SECOND, config="older")
    loop.hosting.endpoints[SECOND] = left

    with pytest.raises(TransientError, match="is being deleted, and made anew then"):
        loop.handle(package_event())
    loop.handle(package_event())

    assert loop.version_on(SECOND) == loop.second.arn


def test_an_approval_beside_a_model_that_serves_no_longer_is_judged_again_and_nothing_is_built() -> None:
    loop = Apart()
    loop.registry.packages[loop.second.arn] = replace(
        loop.second, metadata={**loop.second.metadata, lineage.CHAMPION: "arn:another"}
    )

    loop.handle(package_event())

    assert list(loop.hosting.endpoints) == [ENDPOINT]
    assert [found.tuning_job for found in loop.evaluator.published] == [NEXT_JOB]
