"""Folders of W&B's runs in S3."""

import pytest

from lakeloop.client.wandb import S3Folders, rows, run_id
from lakeloop.tracking.ports import Point
from tests.contract.tracking.examples import parent, trial
from tests.unit.client.deployed import emulated


def test_a_folder_holds_what_was_written_last_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    with emulated(monkeypatch) as environment:
        folders = S3Folders(environment.s3, environment.outputs.artifacts_bucket, "tracking/wandb/")
        folders.replace("tumours/run-10", {"run.wandb": b"another"})
        folders.replace("tumours/run-1", {"run.wandb": b"first", "files/late.json": b"{}"})

        folders.replace("tumours/run-1", {"run.wandb": b"whole"})

        assert folders.read("tumours/run-1/run.wandb") == b"whole"
        assert folders.read("tumours/run-1/files/late.json") is None
        assert folders.read("tumours/run-10/run.wandb") == b"another"


def test_points_of_one_step_are_one_row_with_its_time() -> None:
    run = trial(1, parent(), [Point("b", 2.0, 1, 2000), Point("a", 1.0, 0, 1000), Point("c", 3.0, 1, 2500)])

    assert list(rows(run)) == [(0, {"a": 1.0, "_timestamp": 1.0}), (1, {"b": 2.0, "c": 3.0, "_timestamp": 2.5})]


def test_a_key_that_wandb_takes_is_the_id_and_any_other_its_digest() -> None:
    assert run_id("lakeloop-dev-0123456789ab-001") == "lakeloop-dev-0123456789ab-001"
    assert run_id("arn:aws:sagemaker:1") != run_id("arn:aws:sagemaker:2")
    assert len(run_id("arn:aws:sagemaker:1")) == 32
