"""Folders of W&B's runs on this machine, and how they are sent."""

import sys
from pathlib import Path

import pytest

from lakeloop.client import wandb
from lakeloop.client.errors import AdvisedError
from lakeloop.client.wandb import LocalFolders, rows, run_id, send
from lakeloop.local.layout import CloudPaths
from lakeloop.local.supervisor.locked import WANDB, Locked
from lakeloop.tracking.ports import Point
from tests.contract.tracking.examples import parent, trial

RUN = "tumours/offline-run-1"
# W&B's command, as far as it is seen from here.
COMMAND = """
import os, pathlib, sys
assert sys.argv[1] == "sync" and os.environ["WANDB_BASE_URL"]
if "WANDB_API_KEY" not in os.environ:
    sys.exit("no key")
pathlib.Path(sys.argv[2], "run.wandb.synced").touch()
"""


def test_a_folder_holds_what_was_written_last_and_nothing_else(tmp_path: Path) -> None:
    folders = LocalFolders(tmp_path)
    folders.replace("tumours/run-10", {"run.wandb": b"another"})
    folders.replace("tumours/run-1", {"run.wandb": b"first", "files/late.json": b"{}"})

    folders.replace("tumours/run-1", {"run.wandb": b"whole"})

    assert folders.read("tumours/run-1/run.wandb") == b"whole"
    assert folders.read("tumours/run-1/files/late.json") is None
    assert folders.read("tumours/run-10/run.wandb") == b"another"


def test_a_run_is_sent_once_and_again_when_it_was_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sdk").mkdir()
    (tmp_path / "sdk" / "wandb.py").write_text(COMMAND)
    monkeypatch.setattr(sys, "path", [str(tmp_path / "sdk"), *sys.path])
    monkeypatch.setenv("WANDB_BASE_URL", "http://wandb.internal")
    folders = LocalFolders(tmp_path / "runs")
    folders.replace(RUN, {"run.wandb": b"first"})

    with pytest.raises(AdvisedError, match="W&B did not take offline-run-1: no key"):
        send(tmp_path / "runs" / RUN)
    refused = folders.unsent()
    monkeypatch.setenv("WANDB_API_KEY", "k")
    send(tmp_path / "runs" / RUN)
    sent = folders.unsent()
    folders.replace(RUN, {"run.wandb": b"whole"})

    assert refused == folders.unsent() == [tmp_path / "runs" / RUN]
    assert sent == []


def test_a_folder_of_runs_that_is_called_wandb_is_not_the_sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "runs" / "wandb" / "offline-run-1").mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [str(tmp_path / "runs"), *(p for p in sys.path if "venvs/wandb" not in p)])
    monkeypatch.setattr(wandb, "PATHS", CloudPaths(tmp_path))
    monkeypatch.setattr(Locked, "is_installed", lambda *_: True)

    wandb.reach_sdk()

    assert sys.path[-1] == str(WANDB.packages(CloudPaths(tmp_path)))


def test_points_of_one_step_are_one_row_with_its_time() -> None:
    run = trial(1, parent(), [Point("b", 2.0, 1, 2000), Point("a", 1.0, 0, 1000), Point("c", 3.0, 1, 2500)])

    assert list(rows(run)) == [(0, {"a": 1.0, "_timestamp": 1.0}), (1, {"b": 2.0, "c": 3.0, "_timestamp": 2.5})]


def test_a_key_that_wandb_takes_is_the_id_and_any_other_its_digest() -> None:
    assert run_id("lakeloop-dev-0123456789ab-001") == "lakeloop-dev-0123456789ab-001"
    assert run_id("arn:aws:sagemaker:1") != run_id("arn:aws:sagemaker:2")
    assert len(run_id("arn:aws:sagemaker:1")) == 32
