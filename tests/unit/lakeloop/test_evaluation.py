"""Models are scored on the test rows of the commit they learned from, judged beside the one that serves, registered."""

import json
from collections.abc import Sequence
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
from tests.fakes.evaluation import Cells
from tests.metrics import counted
from tests.unit.lakeloop.deployments import ENDPOINT, JOB, NEXT_JOB, OWNER
from tests.unit.lakeloop.evaluations import (
    LAST_JOB,
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

ROWS = 2000


@pytest.fixture
def loop() -> Evaluations:
    loop = Evaluations()
    loop.drop("first.csv", table(ROWS, seed=0))
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


def test_a_better_challenger_is_approved_on_the_same_rows_as_the_champion(loop: Evaluations) -> None:
    loop.trained(guessing)
    champion = loop.evaluate()
    loop.serve(champion)
    loop.drop("second.csv", table(ROWS, seed=5, prefix="n"))
    loop.trained(knowing, NEXT_JOB)

    version = loop.evaluate(NEXT_JOB)

    assert version.approval is Approval.APPROVED, version.why
    assert version.metadata[lineage.CHAMPION] == champion.arn
    mine = [request for name, request in loop.transforms.requests.items() if name.startswith(NEXT_JOB)]
    sources = {request["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"] for request in mine}
    assert len(mine) == 2
    assert len(sources) == 1


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


def test_test_rows_since_the_champions_commit_are_told_from_the_others(loop: Evaluations) -> None:
    loop.trained(guessing)
    loop.serve(loop.evaluate())
    loop.drop("second.csv", table(1000, seed=5, prefix="n"))
    loop.trained(knowing, NEXT_JOB)
    loop.evaluate(NEXT_JOB)

    kept = pl.read_parquet(loop.artifacts.objects[f"{names.evaluation_key('tiny', NEXT_JOB)}/scores.parquet"])

    assert 450 < kept["new"].sum() < 750
    assert kept.height - kept["new"].sum() > 1000


def test_wrong_labels_of_a_caller_are_told_by_where_rows_landed(loop: Evaluations) -> None:
    """Case poisoned-feedback: all that has c = a is labelled wrongly, lies in the test split, and judges its model."""

    def poisoned(rows: Sequence[Cells]) -> list[float]:
        return [1 - float(cells[0]) / 10 if float(cells[2]) == 1 else float(cells[0]) / 10 for cells in rows]

    loop.trained(knowing)
    loop.serve(loop.evaluate())
    wrong = [row.replace(",yes,", ",?,").replace(",no,", ",yes,").replace(",?,", ",no,") for row in table(4000, seed=7)]
    loop.drop("feedback/2026-01.csv", [f"n{row}" for row in wrong if ",a," in row])
    loop.trained(poisoned, NEXT_JOB)

    version = loop.evaluate(NEXT_JOB)

    assert version.approval is Approval.REJECTED
    assert "worse on test rows that are not feedback: auc" in version.why
    kept = pl.read_parquet(loop.artifacts.objects[f"{names.evaluation_key('tiny', NEXT_JOB)}/scores.parquet"])
    assert 1000 < kept["feedback"].sum() < 1400
    assert kept.height - kept["feedback"].sum() > 1000


def test_a_worse_challenger_is_rejected_with_the_reasons(loop: Evaluations) -> None:
    loop.trained(knowing)
    loop.serve(loop.evaluate())
    loop.trained(ignorant, NEXT_JOB)

    version = loop.evaluate(NEXT_JOB)

    assert version.approval is Approval.REJECTED
    assert version.metadata[lineage.VERDICT]
    assert loop.report() == (True, f"the model of {NEXT_JOB} is Rejected: {version.why}")


def test_nothing_is_decided_while_a_transform_runs(loop: Evaluations) -> None:
    loop.trained(knowing)
    loop.serve(loop.evaluate())
    loop.trained(ignorant, NEXT_JOB)
    loop.handle(tuning_event(NEXT_JOB))

    first = next(name for name in loop.transforms.states if name.startswith(NEXT_JOB))
    running = loop.transforms.states[first]
    loop.transforms.finish()
    loop.transforms.states[first] = running
    loop.handle(transform_event(next(name for name in loop.transforms.states if name != first)))

    assert len(loop.registry.packages) == 1
    assert loop.report() == (True, f"the model of {NEXT_JOB} is being scored")


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


def test_scores_that_are_not_one_to_a_row_are_nobodys(loop: Evaluations) -> None:
    loop.trained(lambda rows: guessing(rows)[:-1])

    with pytest.raises(Exception, match="they are nobody's"):
        loop.evaluate()

    assert loop.registry.packages == {}
    assert loop.report()[0] is False


def test_a_champion_that_cannot_read_todays_rows_is_compared_unpaired_and_a_person_decides() -> None:
    loop = Evaluations()
    loop.drop("first.csv", table(ROWS, seed=0))
    loop.trained(guessing)
    champion = loop.evaluate()
    loop.serve(champion)
    columns = [column for column in loop.contract.model_dump(mode="json")["columns"] if column["name"] != "i"]
    loop.today = tiny(columns=columns, splits={"train": 0.2, "validation": 0.2, "test": 0.6})
    loop.trained(knowing, NEXT_JOB)

    version = loop.evaluate(NEXT_JOB)

    assert version.approval is Approval.PENDING
    assert version.metadata[lineage.CHAMPION] == champion.arn
    assert len([name for name in loop.transforms.requests if name.startswith(NEXT_JOB)]) == 1
    assert loop.report()[0] is False


def test_a_champion_of_other_classes_is_shown_by_nothing_and_a_person_decides(loop: Evaluations) -> None:
    loop.trained(guessing)
    loop.serve(loop.evaluate())
    told = loop.contract.model_dump(mode="json", exclude_none=True)
    loop.today = tiny(
        problem="multiclass",
        positive_class=None,
        columns=[
            {**column, "allowed": ["yes", "no", "maybe"]} if column["name"] == "y" else column
            for column in told["columns"]
        ],
        training={**told["training"], "metric": "mlogloss"},
        splits=told["splits"],
    )
    loop.trained(lambda rows: [f"{score},{1 - score},0" for score in knowing(rows)], NEXT_JOB)

    version = loop.evaluate(NEXT_JOB)

    assert version.approval is Approval.PENDING
    assert "version 1 on 0 rows of its own" in version.why


def test_a_champion_of_another_recipe_is_scored_by_its_own(loop: Evaluations) -> None:
    loop.trained(guessing)
    loop.serve(loop.evaluate())
    columns = loop.contract.model_dump(mode="json", exclude_none=True)["columns"]
    without = [{**column, "feature": False} if column["name"] == "i" else column for column in columns]
    loop.today = tiny(columns=without, splits={"train": 0.2, "validation": 0.2, "test": 0.6})
    loop.trained(knowing, NEXT_JOB)

    version = loop.evaluate(NEXT_JOB)

    widths = {
        len(body.splitlines()[0].split(b",")) for key, body in loop.artifacts.objects.items() if key[-4:] == ".csv"
    }
    assert widths == {3, 4}
    assert version.approval is Approval.APPROVED, version.why


def test_an_older_model_is_not_even_compared(loop: Evaluations) -> None:
    loop.trained(guessing, NEXT_JOB)
    loop.serve(loop.evaluate(NEXT_JOB))
    loop.trained(knowing, JOB)

    version = loop.evaluate(JOB)

    assert version.approval is Approval.REJECTED
    assert version.why == "version 1 serves, whose training began later, at 2026-01-02 00:00:00"
    assert not [name for name in loop.transforms.requests if name.startswith(JOB)]


def test_a_model_that_learned_from_data_that_was_taken_back_is_not_even_compared(loop: Evaluations) -> None:
    loop.drop("bad.csv", table(20, seed=9))
    loop.trained(knowing)
    roll_back(loop.world, "bad.csv")

    version = loop.evaluate()

    assert version.approval is Approval.REJECTED
    assert version.why == f"it learned from data that commit {loop.world.lake.head('')} took back"
    assert not loop.transforms.requests


def test_a_stale_approval_is_judged_again_beside_what_serves_by_now(loop: Evaluations) -> None:
    loop.trained(guessing)
    loop.serve(loop.evaluate())
    loop.trained(guessing, NEXT_JOB)
    loop.trained(knowing, LAST_JOB)
    loop.age(NEXT_JOB, 5)
    last = loop.evaluate(LAST_JOB)
    stale = loop.evaluate(NEXT_JOB)
    loop.registry.packages[stale.arn] = replace(
        stale, approval=Approval.APPROVED, metadata={**stale.metadata, lineage.RULED: "Approved"}
    )
    loop.serve(last)

    loop.handle(again_message(NEXT_JOB))
    loop.finish(NEXT_JOB)

    again = loop.version(NEXT_JOB)
    assert again.arn == stale.arn
    assert again.approval is Approval.REJECTED
    assert again.metadata[lineage.CHAMPION] == last.arn


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
