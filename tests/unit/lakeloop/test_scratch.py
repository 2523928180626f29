"""A disk that outlives its processes is not filled by them."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3
import pytest

from lakeloop.adapters.messaging import consumer
from lakeloop.scratch import PREFIX, scratch
from lakeloop.settings import CompactSettings

KILLED = """
import os
from lakeloop.scratch import scratch
used = scratch()
print(used.name, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_function_that_begins_anew_finds_its_disk_free(disk: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED],
        env={**os.environ, "TMPDIR": str(disk)},
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    left = Path(killed)
    (left / "rows.parquet").write_bytes(b"rows")
    # Lambda's processes have small ids, and the next one may have that of the one before.
    (disk / f"{PREFIX}{os.getpid()}-table.parquet").write_bytes(b"rows")
    others = [disk / f"{PREFIX}{os.getppid()}-x", disk / "somebody-elses"]
    for other in others:
        other.mkdir()

    begins()

    assert sorted(disk.iterdir()) == sorted(others)


def test_what_is_used_is_there_until_it_is_not(disk: Path) -> None:
    with scratch() as folder:
        assert Path(folder).parent == disk
    assert not list(disk.iterdir())


def begins() -> None:
    """What each function that a queue wakes does when it starts."""
    settings = CompactSettings.model_construct(
        function="compact",
        queue_url="https://sqs/q",
        dlq_url="https://sqs/d",
        artifacts_bucket="artifacts",
        max_receive_count=30,
    )
    consumer(settings, boto3.client("s3", region_name="us-east-1"), boto3.client("sqs", region_name="us-east-1"))
