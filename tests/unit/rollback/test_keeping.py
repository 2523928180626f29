"""What serves, may serve or served before keeps its artifact, however old it is."""

from dataclasses import replace

import pytest

from lakeloop.registry.ports import Approval, ModelVersion
from lakeloop.rollback.keeping import Stored, kept, pruned
from lakeloop.rollback.model import PRUNED
from tests.unit.rollback.test_model import ONE, THREE, TWO, changed
from tests.unit.rollback.test_models import version

BUCKET = "s3://artifacts/training/tiny"


def made_by(found: ModelVersion, job: str) -> ModelVersion:
    artifact = f"{BUCKET}/{job}/{job}-001/output/model.tar.gz"
    return replace(found, artifact=artifact, metadata={**found.metadata, "tuning_job": job})


def trials(job: str) -> list[Stored]:
    return [Stored(f"{BUCKET}/{job}/{job}-00{number}/output/model.tar.gz", 10) for number in (1, 2)]


VERSIONS = [made_by(THREE, "j3"), made_by(TWO, "j2"), made_by(ONE, "j1")]


def test_artifact_of_the_champion_expires_never_nor_that_of_the_one_before() -> None:
    stored = [stored for job in ("j1", "j2", "j3", "running") for stored in trials(job)]

    found = pruned(VERSIONS, stored, THREE.arn)

    gone = {stored.uri.removeprefix(f"{BUCKET}/").partition("/output")[0] for stored in found.objects}
    assert gone == {"j1/j1-001", "j1/j1-002", "j2/j2-002", "j3/j3-002"}
    assert [marked.version for marked in found.versions] == [1]
    assert found.size_bytes == 40


@pytest.mark.parametrize("approval", [Approval.APPROVED, Approval.PENDING])
def test_what_may_serve_yet_stays(approval: Approval) -> None:
    waiting = version(4, "c4", approval)

    assert waiting.arn in kept([waiting, *VERSIONS], THREE.arn)


def test_what_serves_stays_whatever_was_decided_about_it() -> None:
    rejected = version(9, "c9", Approval.REJECTED, "made of data that was taken back")

    assert rejected.arn in kept([rejected, *VERSIONS], rejected.arn)


def test_a_rejected_version_is_not_kept_as_the_one_before() -> None:
    never = changed(version(4, "c4", Approval.REJECTED, "no better than version 3"), 9)

    assert kept([never, *VERSIONS], THREE.arn) == {THREE.arn, TWO.arn}


def test_what_was_marked_is_not_marked_again_and_what_it_left_goes_still() -> None:
    marked = replace(made_by(ONE, "j1"), metadata={"tuning_job": "j1", PRUNED: "2026-11-27"})

    found = pruned([*VERSIONS[:2], marked], trials("j1"), THREE.arn)

    assert found.versions == ()
    assert len(found.objects) == 2
