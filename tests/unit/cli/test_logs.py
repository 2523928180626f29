"""Logs are shown once, in order, and go on where they stopped."""

import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from mypy_boto3_logs.client import CloudWatchLogsClient

from lakeloop.cli import console
from lakeloop.cli.commands.logs import LogTail, show_files
from lakeloop.client.function_logs import FunctionLog

GROUP = "/aws/lambda/f"


def test_a_tail_goes_on_where_it_stopped_and_waits_for_whole_lines(tmp_path: Path) -> None:
    log = tmp_path / "aws.log"
    log.write_text("one\ntwo\nthr")
    tail = LogTail(log)

    assert list(tail.read()) == ["one", "two"]
    with log.open("a") as file:
        file.write("ee\n")
    assert list(tail.read()) == ["three"]
    assert list(tail.read()) == []


def test_a_log_that_was_begun_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    log = tmp_path / "aws.log"
    log.write_text("a long first line\n")
    tail = LogTail(log)
    list(tail.read())

    log.write_text("new\n")

    assert list(tail.read()) == ["new"]


def test_several_parts_are_told_apart_and_only_the_last_lines_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    aws, lakefs = tmp_path / "aws.log", tmp_path / "lakefs.log"
    aws.write_text("1\n2\n3 [bold]\n")
    lakefs.write_text("x\n")

    show_files(console.stdout(), {"aws": aws, "lakefs": lakefs}, lines=2, follow=False)

    assert capsys.readouterr().out == "aws    | 2\naws    | 3 [bold]\nlakefs | x\n"


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudWatchLogsClient]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        client = boto3.client("logs", region_name="us-east-1")
        client.create_log_group(logGroupName=GROUP)
        client.create_log_stream(logGroupName=GROUP, logStreamName="s")
        yield client


def put(logs: CloudWatchLogsClient, *events: tuple[int, str]) -> None:
    logs.put_log_events(
        logGroupName=GROUP,
        logStreamName="s",
        logEvents=[{"timestamp": at, "message": message} for at, message in events],
    )


def test_each_event_of_a_function_is_read_once_late_ones_too(
    logs: CloudWatchLogsClient,
) -> None:
    now = int(time.time() * 1000)
    log = FunctionLog(logs, GROUP)
    put(logs, (now - 2000, "first"), (now, "third\n"))
    assert list(log.read()) == ["first", "third"]

    put(logs, (now - 1000, "second, late"))

    assert list(log.read()) == ["second, late"]
