"""Models are scored on the test rows of the commit they learned from, judged and registered."""

import json
from dataclasses import replace

import polars as pl
import pytest

from lakeloop import names
from lakeloop.errors import MalformedMessageError, TransientError
from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval
from tests.botocore_model import request_errors
from tests.cases import OPS
from tests.data import tiny
from tests.fakes import message
from tests.metrics import counted
from tests.unit.lakeloop.deployments import ENDPOINT, JOB, OWNER
from tests.unit.lakeloop.evaluations import (
    Evaluations,
    again_message,
    guessing,
    ignorant,
    knowing,
    table,
    transform_event,
    tuning_event,
)
from tests.unit.rollback.rolling import roll_back


@pytest.fixture
def loop() -> Evaluations:
    loop = Evaluations()
    loop.drop("first.csv", table(2000, seed=0))
    return loop


def test_a_first_model_is_scored_once_and_approved_where_it_beats_the_constant(loop: Evaluations) -> None:
    trained = loop.trained(guessing)

    version = loop.evaluate()

    assert version.approval is Approval.APPROVED, version.why
    assert (version.group, version.version, version.artifact) == (ENDPOINT, 1, trained.artifact)
    [request] = loop.transforms.requests.values()
    assert request_errors("CreateTransformJob", request) == ""
    assert request["ModelName"] == loop.model_of(trained.artifact)
    [tags] = loop.transforms.tags.values()
    assert tags[names.ENVIRONMENT_TAG] == OWNER
    assert loop.report() == (True, f"the model of {JOB} is Approved: {version.why}")


def test_a_version_says_where_it_comes_from_and_how_it_was_judged(loop: Evaluations) -> None:
    trained = loop.trained(guessing)

    version = loop.evaluate()

    told = version.metadata
    assert told[lineage.DATA_COMMIT] == loop.world.lake.head("")
    assert told[lineage.CONTRACT] == trained.tags[names.CONTRACT_TAG]
    assert (told[lineage.TUNING_JOB], told[lineage.TRAINING_JOB]) == (JOB, f"{JOB}-001")
    assert (told[lineage.GIT_SHA], told[lineage.METRIC], told[lineage.VALUE]) == ("abc", "validation:auc", "0.75")
    assert (told[lineage.RULED], told[lineage.CHAMPION]) == ("Approved", lineage.NOBODY)
    evaluation = json.loads(loop.artifacts.objects[version.evaluation.removeprefix("s3://artifacts/")])
    assert evaluation["verdict"]["approval"] == "Approved"
    assert names.report_beside(version.evaluation).removeprefix("s3://artifacts/") in loop.artifacts.objects
    assert 0.6 < evaluation["verdict"]["metrics"]["auc"]["challenger"]["value"] < 0.9


def test_the_rows_are_the_test_rows_as_the_model_reads_them_without_labels(loop: Evaluations) -> None:
    loop.trained(guessing)

    loop.handle(tuning_event())

    [written] = [body for key, body in loop.artifacts.objects.items() if key.endswith(".csv")]
    cells = [line.split(",") for line in written.decode().splitlines()]
    test_rows = sum(
        pl.read_parquet(loop.world.lake.bytes[sum_]).height
        for path, sum_ in loop.world.main.items()
        if path.startswith("rows/test/")
    )
    assert len(cells) == test_rows
    assert {len(row) for row in cells} == {4}
    # The boolean is missing in all of them.
    assert {row[3] for row in cells} == {"nan"}


def test_a_first_model_that_knows_nothing_is_not_approved(loop: Evaluations) -> None:
    loop.trained(ignorant)

    assert loop.evaluate().approval is not Approval.APPROVED


@pytest.mark.parametrize("merged", [False, True])
def test_a_good_model_of_a_branch_waits_for_a_person_until_main_has_its_data(loop: Evaluations, merged: bool) -> None:
    lake = loop.world.lake
    lake.ensure_branch("", "trial")
    lake.staged["trial"]["note"] = next(iter(lake.bytes))
    commit = lake.commit("", "trial", "a person's", {}).id
    if merged:
        lake.merge("", "trial", "", {})
    trained = loop.trained(guessing, commit=commit)
    loop.candidates.models[JOB] = replace(trained, tags={**trained.tags, names.PINNED_TAG: "true"})

    version = loop.evaluate()

    assert version.approval is (Approval.APPROVED if merged else Approval.PENDING)
    assert ("which is not on main" in version.why) != merged


def test_a_transform_that_fails_is_told_and_the_model_is_rejected_unseen(loop: Evaluations) -> None:
    loop.trained(guessing)
    loop.handle(tuning_event())
    [name] = loop.transforms.states

    loop.transforms.fail(name, "ClientError: See job logs for more information")
    loop.handle(transform_event(name))

    good, why = loop.report()
    assert not good
    assert f"transform {name} ended Failed: ClientError: See job logs for more information" in why
    assert loop.version().approval is Approval.REJECTED
    assert counted() == {"EvaluationFailed": 1}


CAPACITY = "CapacityError: Unable to provision requested ML compute capacity. Please retry using another instance."
INTERNAL = "InternalServerError: We encountered an internal error. Please try again."


@pytest.mark.parametrize("reason", [CAPACITY, INTERNAL])
def test_a_transform_that_fails_for_a_passing_cause_is_tried_once_more_under_another_name(
    loop: Evaluations, reason: str
) -> None:
    loop.trained(guessing)
    loop.handle(tuning_event())
    [first] = loop.transforms.states

    loop.transforms.fail(first, reason)
    for _ in range(2):
        loop.handle(transform_event(first))

    [_, second] = loop.transforms.states
    assert names.is_transform_job(OWNER, second)
    assert loop.registry.packages == {}
    loop.finish()
    assert loop.version().approval is Approval.APPROVED


def test_a_transform_that_fails_twice_for_a_passing_cause_is_told_and_not_tried_again(loop: Evaluations) -> None:
    loop.trained(guessing)
    loop.handle(tuning_event())
    for _ in range(2):
        name = list(loop.transforms.states)[-1]
        loop.transforms.fail(name, CAPACITY)
        loop.handle(transform_event(name))

    assert len(loop.transforms.states) == 2
    assert f"transform {name} ended Failed: {CAPACITY}" in loop.version().why


def test_scores_that_are_not_one_to_a_row_are_nobodys(loop: Evaluations) -> None:
    loop.trained(lambda rows: guessing(rows)[:-1])

    with pytest.raises(Exception, match="they are nobody's"):
        loop.evaluate()

    assert loop.registry.packages == {}
    assert loop.report()[0] is False


def test_a_model_that_learned_from_data_that_was_taken_back_is_not_even_compared(loop: Evaluations) -> None:
    loop.drop("bad.csv", table(20, seed=9))
    loop.trained(knowing)
    roll_back(loop.world, "bad.csv")

    version = loop.evaluate()

    assert version.approval is Approval.REJECTED
    assert version.why == f"it learned from data that commit {loop.world.lake.head('')} took back"
    assert not loop.transforms.requests


def test_what_was_judged_is_not_judged_again(loop: Evaluations) -> None:
    loop.trained(guessing)
    version = loop.evaluate()
    loop.serve(version)

    loop.handle(tuning_event())
    loop.handle(again_message(JOB))
    loop.finish()

    assert loop.registry.decided == []
    assert len(loop.registry.packages) == 1


def test_no_test_rows_leave_the_decision_to_a_person() -> None:
    loop = Evaluations(tiny(splits={"train": 0.5, "validation": 0.4999, "test": 0.0001}))
    loop.drop("first.csv", table(50, seed=0))
    loop.trained(guessing)

    loop.handle(tuning_event())

    assert loop.version().approval is Approval.PENDING
    assert loop.transforms.requests == {}


@pytest.mark.parametrize("status", ["Failed", "Stopped", "Completed"])
def test_a_job_without_a_model_is_told_with_its_reason(loop: Evaluations, status: str) -> None:
    model = loop.trained(guessing, status=status)
    loop.candidates.models[JOB] = replace(model, artifact="")
    loop.candidates.statuses[JOB] = (status, "no trial succeeded")

    loop.handle(tuning_event())

    assert loop.report() == (False, f"{JOB} ended {status} without a model: no trial succeeded")
    assert counted() == {"TuningWithoutModel": 1}


def test_a_job_stopped_with_a_best_model_is_judged_like_any_other(loop: Evaluations) -> None:
    described = json.loads((OPS / "stopped-with-a-best-model" / "describe.json").read_text())
    event = json.loads((OPS / "stopped-with-a-best-model" / "event.json").read_text())
    job = described["HyperParameterTuningJobName"]
    ours = job.replace("lakeloop-dev", OWNER)
    event["detail"]["HyperParameterTuningJobName"] = ours
    loop.trained(guessing, ours, status=described["HyperParameterTuningJobStatus"])

    loop.handle(message(event))
    loop.finish(ours)

    assert loop.version(ours).approval is Approval.APPROVED
    assert loop.version(ours).metadata[lineage.TUNING_STATUS] == "Stopped"


def test_a_job_that_has_not_ended_though_an_event_says_so_is_looked_at_again(loop: Evaluations) -> None:
    loop.trained(guessing, status="InProgress")

    with pytest.raises(TransientError, match="is InProgress, though an event says that it ended"):
        loop.handle(tuning_event())


@pytest.mark.parametrize(
    "event",
    [
        tuning_event("lakeloop-test-alice-000000000001"),
        tuning_event("lakeloop-test-by-hand"),
        tuning_event("lakeloop-test-00000000000f"),
        transform_event("lakeloop-test-by-hand-1"),
    ],
)
def test_what_others_started_is_ignored(loop: Evaluations, event: object) -> None:
    loop.handle(event)  # type: ignore[arg-type]

    assert (loop.reports.reports, loop.registry.packages) == ({}, {})


@pytest.mark.parametrize("body", [{"detail-type": "SageMaker Training Job State Change", "detail": {}}, {}, []])
def test_other_events_are_malformed(loop: Evaluations, body: object) -> None:
    with pytest.raises(MalformedMessageError):
        loop.handle(message(json.dumps(body)))
