"""The local cloud as the command uses it."""

import os
from pathlib import Path

import pytest

from cli import local_cloud
from cli.demo import session
from cli.errors import CliError
from local.cloud import CloudPaths


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[CloudPaths, CloudPaths]:
    up, demo = CloudPaths(local=tmp_path / "up"), CloudPaths(local=tmp_path / "demo")
    monkeypatch.setattr(local_cloud, "UP", up)
    monkeypatch.setattr(local_cloud, "DEMO", demo)
    return up, demo


def write_log(paths: CloudPaths, part: str, age: int) -> None:
    log = paths.log(part)
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("line\n")
    os.utime(log, (1_000_000 - age, 1_000_000 - age))


def test_logs_are_those_of_the_cloud_that_ran_last(places: tuple[CloudPaths, CloudPaths]) -> None:
    up, demo = places
    write_log(up, "aws", age=10)
    write_log(demo, "sagemaker", age=5)

    assert local_cloud.log_files() == {"sagemaker": demo.log("sagemaker")}


def test_logs_are_those_of_the_cloud_that_runs(
    places: tuple[CloudPaths, CloudPaths], monkeypatch: pytest.MonkeyPatch
) -> None:
    up, demo = places
    write_log(up, "aws", age=10)
    write_log(demo, "sagemaker", age=5)
    monkeypatch.setattr(local_cloud, "running_at", lambda: up)

    assert local_cloud.log_files() == {"aws": up.log("aws")}


@pytest.mark.usefixtures("places")
def test_without_any_local_cloud_there_are_no_logs() -> None:
    assert local_cloud.log_files() == {}


def test_the_demo_does_not_start_beside_a_running_cloud(
    places: tuple[CloudPaths, CloudPaths], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_cloud, "running_at", lambda: places[0])

    with pytest.raises(CliError, match="a local cloud runs already") as raised:
        session.play(keep=False, setup_seconds=0)

    assert "lakeloop down" in raised.value.advice


def test_terraforms_lines_become_how_far_it_is() -> None:
    notes: list[str] = []
    count = local_cloud.ResourceCounter(notes.append)

    for line in (
        "module.storage.aws_s3_bucket.this[0]: Creating...",
        "module.storage.aws_s3_bucket.this[0]: Creation complete after 1s [id=x]",
        "aws_kms_key.main: Modifications complete after 0s [id=y]",
        "Apply complete! Resources: 1 added, 1 changed, 0 destroyed.",
    ):
        count(line)

    assert notes == [
        "1 resources done, last module.storage.aws_s3_bucket.this[0]",
        "2 resources done, last aws_kms_key.main",
        "Apply complete! Resources: 1 added, 1 changed, 0 destroyed.",
    ]
