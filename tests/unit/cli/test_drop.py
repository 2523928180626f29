"""How `lakeloop drop` ends, for a person and for a script."""

import io
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lakeloop.cli.main import main
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment, Outputs
from lakeloop.client.errors import LoopFailedError, WaitedTooLongError
from lakeloop.client.follow import Drop, Ingested, Postponed
from lakeloop.client.loop import LoopWatch
from lakeloop.client.quarantine import Reason, Rejected
from lakeloop.ingest.notification import LandedObject
from lakeloop.registry.ports import Approval, ModelVersion
from lakeloop.training.ports import TuningRun
from tests.unit.client.deployed import OUTPUTS

DROP = Drop(LandedObject("landing", "incoming/breast_cancer/a.csv", "v1", "breast_cancer"), "sha", 3)
REJECTED = [Rejected(1, 2, b"", (Reason("f", "max: 10", "11"),))]

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
RUN = TuningRun("job-1", "c1", "Completed", MOMENT, MOMENT, 1)
VERSION = ModelVersion("arn:v/3", "g", 3, Approval.REJECTED, "no gain", "s3://a", "i", MOMENT, {})


class Loop:
    """A file, and what the loop makes of it; set by a test."""

    file: str
    ingested = Ingested("c1", 3, 0, "")
    tuning: Postponed | TuningRun | Exception = Postponed("3 new rows, 300 needed")
    version = VERSION


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Loop:
    (tmp_path / "a.csv").write_text("f\n1\n2\n3\n")
    loop = Loop()
    loop.file = str(tmp_path / "a.csv")

    def tuning(*_: object) -> Postponed | TuningRun:
        if isinstance(loop.tuning, Exception):
            raise loop.tuning
        return loop.tuning

    environment = Environment(Outputs.model_validate(OUTPUTS))
    monkeypatch.setattr(Environment, "load", classmethod(lambda _: environment))
    monkeypatch.setattr(Dataset, "drop", lambda *_: DROP)
    monkeypatch.setattr(Dataset, "quarantined", lambda *_: REJECTED)
    monkeypatch.setattr(LoopWatch, "__init__", lambda *_: None)
    monkeypatch.setattr(LoopWatch, "wait_for_rows", lambda *_: loop.ingested)
    monkeypatch.setattr(LoopWatch, "wait_for_tuning", tuning)
    monkeypatch.setattr(LoopWatch, "wait_for_trials", lambda *_: [])
    monkeypatch.setattr(LoopWatch, "wait_for_verdict", lambda *_: loop.version)
    return loop


def run(monkeypatch: pytest.MonkeyPatch, file: str, *options: str) -> int:
    monkeypatch.setattr(sys, "argv", ["lakeloop", "drop", file, "--dataset", "breast_cancer", "--follow", *options])
    with pytest.raises(SystemExit) as ended:
        main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_a_file_quarantined_whole_ends_with_3_its_rules_and_a_failed_step(
    loop: Loop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    loop.ingested = Ingested("", 0, 3, "s3://artifacts/q.parquet")

    assert run(monkeypatch, loop.file) == 3

    said = capsys.readouterr()
    assert "failed rows on main" in said.out
    assert "max: 10" in said.out
    assert "error: all 3 rows are quarantined" in said.err


def test_a_file_of_which_some_rows_are_quarantined_is_a_success_with_the_table(
    loop: Loop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    loop.ingested = Ingested("c1", 2, 1, "s3://artifacts/q.parquet")

    assert run(monkeypatch, loop.file) == 0

    said = capsys.readouterr().out
    assert "1 row quarantined at s3://artifacts/q.parquet" in said
    assert "max: 10" in said
    assert "no tuning now: 3 new rows, 300 needed" in said


@pytest.mark.parametrize(
    ("error", "code", "outcome"),
    [
        (LoopFailedError("start_tuning: no such hyperparameter", "mend it"), 1, "failed"),
        (WaitedTooLongError("waited 600 s", "read the log"), 4, "timed_out"),
    ],
)
def test_a_loop_that_breaks_ends_with_its_code(
    loop: Loop, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, outcome: str
) -> None:
    loop.tuning = error
    monkeypatch.setattr(sys, "stdout", told := io.StringIO())

    assert run(monkeypatch, loop.file, "--json") == code

    result = json.loads(told.getvalue())
    assert (result["outcome"], result["commit"], result["why"]) == (outcome, "c1", str(error))


def test_with_json_progress_and_errors_are_on_stderr(
    loop: Loop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    loop.tuning = LoopFailedError("broken", "mend it")

    run(monkeypatch, loop.file, "--json")

    said = capsys.readouterr()
    assert json.loads(said.out)["outcome"] == "failed"
    assert "rows on main" in said.err
    assert "what to do: mend it" in said.err


def test_the_json_of_a_followed_file_has_the_keys_that_others_read(
    loop: Loop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, loop.file, "--json") == 0

    assert list(json.loads(capsys.readouterr().out)) == [
        *("outcome", "file", "version", "rows", "commit", "rows_committed", "rows_quarantined", "quarantine_uri"),
        *("broken_rules", "tuning_job", "model", "endpoint", "why"),
    ]


@pytest.mark.parametrize("approval", [Approval.REJECTED, Approval.PENDING])
def test_a_model_that_is_not_promoted_is_a_success_that_says_why(
    loop: Loop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], approval: Approval
) -> None:
    loop.tuning, loop.version = RUN, replace(VERSION, approval=approval)

    assert run(monkeypatch, loop.file, "--json") == 0

    result = json.loads(capsys.readouterr().out)
    assert (result["outcome"], result["model"]) == ("not_promoted", "arn:v/3")
    assert result["why"] == f"version 3 is {approval}: no gain"
