"""The version before serves again, and the one that was rolled back never comes back by itself."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lakeloop.registry.ports import Approval, ModelVersion
from lakeloop.rollback.model import PRUNED, NoSuchVersionError, exchange
from lakeloop.rollback.models import BAD_DATA
from tests.unit.rollback.test_models import NOW, version

APPROVED, REJECTED = Approval.APPROVED, Approval.REJECTED


def changed(found: ModelVersion, hours: float) -> ModelVersion:
    return replace(found, changed=NOW + timedelta(hours=hours))


ONE = changed(version(1, "c1", REJECTED, "superseded by version 2"), 1)
TWO = changed(version(2, "c2", REJECTED, "superseded by version 3"), 2)
THREE = changed(version(3, "c3", APPROVED), 3)


def test_the_version_that_lost_its_place_last_comes_back() -> None:
    found = exchange([THREE, TWO, ONE], THREE.arn, None)

    assert (found.to, found.back) == (TWO, (THREE,))


def test_one_is_named() -> None:
    assert exchange([THREE, TWO, ONE], THREE.arn, 1).to == ONE


def test_a_second_rollback_goes_on_to_the_one_before() -> None:
    gone = replace(THREE, approval=REJECTED, why="rolled back by ada: it refused everybody")
    serving = replace(TWO, approval=APPROVED, why="rolled back to by ada")

    found = exchange([gone, serving, ONE], serving.arn, None)

    assert (found.to, found.back) == (ONE, (serving,))


def test_a_rollback_that_was_cut_off_is_ended_by_another() -> None:
    """The one that serves was rejected, and the process died before it approved the other."""
    gone = replace(THREE, approval=REJECTED, why="rolled back by ada: it refused everybody")

    found = exchange([gone, TWO, ONE], gone.arn, None)

    assert (found.to, found.back) == (TWO, (gone,))


def test_while_an_update_brings_another_the_one_that_serves_stays() -> None:
    serving = changed(replace(TWO, approval=APPROVED), 2)

    found = exchange([THREE, serving, ONE], serving.arn, None)

    assert (found.to, found.back) == (serving, (THREE,))


@pytest.mark.parametrize(
    ("candidate", "why"),
    [
        (version(2, "c2", REJECTED, "no better than version 1"), "it is Rejected: no better than version 1"),
        (version(2, "c2", REJECTED, "superseded by version 3", **{BAD_DATA: "c2"}), "data that was taken back"),
        (version(2, "c2", REJECTED, "superseded by version 3", **{PRUNED: "2026-11-27"}), "artifact was deleted"),
    ],
)
def test_what_may_not_serve_says_why(candidate: ModelVersion, why: str) -> None:
    with pytest.raises(NoSuchVersionError, match=why):
        exchange([THREE, candidate], THREE.arn, 2)
    with pytest.raises(NoSuchVersionError, match="approve one by hand, or train anew"):
        exchange([THREE, candidate], THREE.arn, None)


def test_a_version_that_is_not_there_or_serves_already() -> None:
    with pytest.raises(NoSuchVersionError, match="there is no version 9"):
        exchange([THREE], THREE.arn, 9)
    with pytest.raises(NoSuchVersionError, match="version 3 serves already"):
        exchange([THREE, TWO], THREE.arn, 3)
    with pytest.raises(NoSuchVersionError, match="nothing to roll back"):
        exchange([TWO], "", None)
