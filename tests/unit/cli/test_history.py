"""`lakeloop history`: a row for each training cycle."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from lakeloop.cli.main import Options, app
from lakeloop.client.environment import Environment
from lakeloop.registry.ports import Approval
from tests.unit.client.deployed import ACCOUNT, emulated
from tests.unit.client.registered import Registered, registered, version

BUCKET = f"lakeloop-test-artifacts-{ACCOUNT}"
EVALUATION = {
    "about": {"trials": [{"name": "a"}, {"name": "b"}]},
    "verdict": {
        "metric": "auc",
        "champion": "version 1",
        "judged": 3,
        "metrics": {"auc": {"rows": 1234, "challenger": {"value": 0.93}, "champion": {"value": 0.91}}},
    },
}


@pytest.fixture
def sagemaker(monkeypatch: pytest.MonkeyPatch) -> Registered:
    return registered(monkeypatch)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, sagemaker: Registered) -> Iterator[Environment]:
    with emulated(monkeypatch) as made:
        monkeypatch.setattr(Environment, "load", classmethod(lambda cls: made))
        yield made


def shown(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["history", "breast_cancer", *arguments], obj=Options())
    assert done.exit_code == 0, done.output
    return done.output


def test_cycles_are_told_oldest_first_with_what_evaluations_say(
    environment: Environment, sagemaker: Registered, tmp_path: Path
) -> None:
    environment.s3.put_object(Bucket=BUCKET, Key="evaluation.json", Body=json.dumps(EVALUATION).encode())
    gone = sagemaker.add(replace(version(1, approval=Approval.REJECTED), evaluation=f"s3://{BUCKET}/gone.json"))
    sagemaker.serving = sagemaker.add(replace(version(2), evaluation=f"s3://{BUCKET}/evaluation.json")).arn

    told = json.loads(shown("--json", "--out", str(tmp_path / "history.parquet")))
    kept = pl.read_parquet(tmp_path / "history.parquet")
    screen = shown()

    assert [cycle["version"] for cycle in told] == [1, 2]
    assert (told[0]["value"], told[0]["trials"], told[0]["why"]) == (None, 0, gone.why)
    second = {
        name: told[1][name] for name in ("metric", "value", "champion", "trials", "test_rows", "judged", "serves")
    }
    assert second == {
        "metric": "auc",
        "value": 0.93,
        "champion": 0.91,
        "trials": 2,
        "test_rows": 1234,
        "judged": 3,
        "serves": True,
    }
    assert kept["value"].to_list() == [None, 0.93]
    assert "0.9300" in screen
    assert "\N{BOX DRAWINGS HEAVY HORIZONTAL}" in screen


def test_a_dataset_without_a_model_says_so() -> None:
    assert "breast_cancer has no model yet" in shown()
