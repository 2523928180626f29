"""A model is judged beside the one that serves, on the same rows where that can read them."""

import json
from collections.abc import Sequence
from dataclasses import replace

import polars as pl
import pytest

from lakeloop import names
from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval
from tests.data import tiny
from tests.fakes.evaluation import Cells
from tests.unit.lakeloop.deployments import JOB, NEXT_JOB
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

ROWS = 2000


@pytest.fixture
def loop() -> Evaluations:
    loop = Evaluations()
    loop.drop("first.csv", table(ROWS, seed=0))
    return loop


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


def test_a_cycle_leaves_one_line_with_its_figures_beside_the_champions(loop: Evaluations) -> None:
    loop.trained(guessing)
    champion = loop.evaluate()
    loop.serve(champion)
    loop.drop("second.csv", table(500, seed=1, prefix="n"))
    loop.trained(knowing, NEXT_JOB)

    version = loop.evaluate(NEXT_JOB)

    line = loop.artifacts.objects[names.history_key("tiny", NEXT_JOB)].decode()
    told = json.loads(line)
    assert "\n" not in line
    assert (told["tuning_job"], told["verdict"], told["why"]) == (NEXT_JOB, "Approved", version.why)
    assert told["data_commit"] == loop.world.lake.head("")
    assert told["champion"] == champion.arn
    assert 0.5 < told["champion_value"] < told["value"] <= 1
    assert told["test_rows"] > 1000


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


def test_a_champion_that_cannot_read_todays_rows_is_compared_unpaired_and_a_person_decides(loop: Evaluations) -> None:
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
