"""Which version is wanted, who decided about it, and whether that still stands."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval, ModelVersion
from lakeloop.registry.wish import is_by_person, is_stale, wished

RULED = {lineage.DECIDED_BY: lineage.RULE, lineage.RULED: Approval.APPROVED.value, lineage.CHAMPION: "m"}
VERSION = ModelVersion(
    arn="arn:v1",
    group="lakeloop-test-wine",
    version=1,
    approval=Approval.APPROVED,
    why="",
    artifact="",
    image="",
    created=datetime(2026, 11, 1, tzinfo=UTC),
    metadata=RULED,
)


def decided(**metadata: str) -> ModelVersion:
    return replace(VERSION, metadata={**RULED, **metadata})


@pytest.mark.parametrize("serving", ["a", "z", lineage.NOBODY])
def test_a_verdict_beside_another_model_than_the_one_that_serves_is_stale(serving: str) -> None:
    assert is_stale(VERSION, serving)
    assert not is_stale(VERSION, "m")


def test_a_verdict_beside_nobody_stands_while_nobody_serves() -> None:
    first = replace(VERSION, metadata={key: value for key, value in RULED.items() if key != lineage.CHAMPION})

    assert not is_stale(first, lineage.NOBODY)
    assert is_stale(first, "m")


@pytest.mark.parametrize("who", ["a person", "zoe", lineage.DEPLOYER])
def test_what_somebody_else_than_the_rule_decided_is_by_a_person_and_never_stale(who: str) -> None:
    version = decided(**{lineage.DECIDED_BY: who})

    assert is_by_person(version)
    assert not is_stale(version, "another")


@pytest.mark.parametrize("ruled", [Approval.REJECTED.value, Approval.PENDING.value, "A", "a"])
def test_an_approval_that_is_not_what_the_rule_made_is_that_of_a_person_in_the_console(ruled: str) -> None:
    assert is_by_person(decided(**{lineage.RULED: ruled}))
    assert not is_by_person(VERSION)


def test_the_version_that_was_approved_last_is_wanted_whatever_its_number() -> None:
    later = replace(VERSION, version=2, arn="arn:v2", created=VERSION.created + timedelta(days=1))
    approved_again = replace(VERSION, changed=later.created + timedelta(seconds=1))

    assert wished([VERSION, later]) == later
    assert wished([later, approved_again]) == approved_again
    assert wished([]) is None


@pytest.mark.parametrize(("given", "kept"), [(255, 255), (256, 256), (257, 256), (1000, 256)])
def test_metadata_holds_256_signs_at_most(given: int, kept: int) -> None:
    assert lineage.as_metadata({"why": "x" * given}) == {"why": "x" * kept}
