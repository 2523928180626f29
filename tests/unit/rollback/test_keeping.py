"""What serves, may serve or served before keeps its artifact, however old it is."""

from dataclasses import replace

import pytest

from lakeloop.registry.ports import Approval, ModelVersion
from lakeloop.rollback.keeping import Stored, kept, pruned
from lakeloop.rollback.model import PRUNED, exchange
from tests.cases import OPS
from tests.data import tiny
from tests.unit.lakeloop.deployments import ENDPOINT, LARGER, Deployments, package_event
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
    """Case artifact-of-the-champion-expires."""
    stored = [stored for job in ("j1", "j2", "j3", "running") for stored in trials(job)]

    found = pruned(VERSIONS, stored, THREE.arn)

    gone = {stored.uri.removeprefix(f"{BUCKET}/").partition("/output")[0] for stored in found.objects}
    assert gone == {"j1/j1-001", "j1/j1-002", "j2/j2-002", "j3/j3-002"}
    assert [marked.version for marked in found.versions] == [1]
    assert found.size_bytes == 40


def test_what_is_known_of_a_model_goes_and_stays_with_its_artifact() -> None:
    """Of the rows to judge by, those go that no version that stays and no job needs."""
    folder = "s3://artifacts/evaluations/tiny"
    versions = [
        replace(found, evaluation=f"{folder}/models/j{number}/evaluation.json")
        for number, found in zip((3, 2, 1), VERSIONS, strict=True)
    ]
    models = [f"{folder}/models/{job}/{name}" for job in ("j1", "j2", "j3", "running") for name in ("a/b.out", "c")]
    rows = [f"{folder}/rows/{commit}/recipe-9/1.csv" for commit in ("c1", "c2", "c3", "unheard")]
    stored = [Stored(uri, 1) for uri in (*models, *rows)]

    found = pruned(versions, stored, THREE.arn)

    own = {f"{folder}/models/j1/a/b.out", f"{folder}/models/j1/c"}
    assert {gone.uri for gone in found.objects} == {*own, rows[0]}
    assert {gone.uri for gone in pruned(versions, stored, THREE.arn, learning="c1").objects} == own


def test_what_is_older_than_the_job_before_the_last_goes_and_the_champion_changes_size_and_rolls_back() -> None:
    """Case artifact-of-the-champion-expires, as its check goes about it."""
    check = (OPS / "artifact-of-the-champion-expires" / "check.txt").read_text()
    assert "delete every object under training/ older than the job before the last" in check
    loop = Deployments()
    first = loop.deploy("job-1")
    second = loop.deploy("job-2", champion=first.arn)
    third = loop.deploy("job-3", champion=second.arn)
    versions = list(loop.registry.versions(ENDPOINT))

    gone = pruned(versions, [Stored(found.artifact, 10) for found in versions], loop.served).objects

    assert [stored.uri for stored in gone] == [first.artifact]
    loop.service(tiny(serving=LARGER.model_dump())).serve_as_contracts_say(["tiny"])
    assert (loop.calls[-1], loop.served) == ("update", third.arn)
    swap = exchange(list(loop.registry.versions(ENDPOINT)), loop.served, None)
    for found in swap.back:
        loop.registry.decide(found.arn, Approval.REJECTED, "rolled back", {})
    loop.registry.decide(swap.to.arn, Approval.APPROVED, "rolled back to", {})
    loop.handle(package_event())
    assert loop.served == second.arn


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
