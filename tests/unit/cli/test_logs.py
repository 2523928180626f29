"""Logs are shown once, in order, readable, and go on where they stopped."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from mypy_boto3_logs.client import CloudWatchLogsClient

from lakeloop.cli import console
from lakeloop.cli.commands.logs import LogTail, printer_of_events, printer_of_file, show_events, show_file
from lakeloop.cli.views.log_lines import text
from lakeloop.client.function_logs import FunctionLog
from lakeloop.client.log_lines import LogEvent, LogLine, Wanted, parsed
from tests.unit.cli.rendering import rendered

GROUP = "/aws/lambda/f"
NOON = datetime(2026, 11, 26, 12, 5, 33, tzinfo=UTC)
ALL = Wanted()

STRUCTURED = {
    "level": "INFO",
    "location": "_commit:167",
    "message": "committed",
    "timestamp": "2026-11-26 12:05:33,426+0000",
    "service": "transform_data",
    "function_request_id": "a20cedd0-1753",
    "repository": "lakeloop-local-wine",
    "commit": "0416922081e6e9015e6c50102905ca6e5fc8f92578fdd37ef2fc3ad293470cd9",
    "rows": 228,
}


def event(written: object, function: str = "transform_data") -> LogEvent:
    return LogEvent(function, NOON, written if isinstance(written, str) else json.dumps(written))


def line_of(written: object) -> LogLine:
    line = parsed(event(written))
    assert line is not None
    return line


def shown(written: object) -> str:
    return rendered(text(line_of(written), len("transform_data"))).rstrip("\n")


def test_a_line_is_time_function_level_sentence_and_key_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()

    said = shown(STRUCTURED)

    assert said == (
        "12:05:33 transform_data INFO    committed rows=228 commit=0416922081e6 repository=lakeloop-local-wine"
    )


@pytest.mark.parametrize(
    "written",
    [
        "START RequestId: 1b79 Version: $LATEST",
        "END RequestId: 1b79",
        "REPORT RequestId: 1b79\tDuration: 549 ms",
        "INIT_START Runtime Version: python:3.13",
        json.dumps({"_aws": {"Timestamp": 1, "CloudWatchMetrics": []}, "MessagesHandled": [1.0]}),
        "",
    ],
)
def test_what_lambda_and_the_metrics_say_of_themselves_is_hidden(written: str) -> None:
    assert parsed(event(written)) is None


def test_a_trace_stays_readable_line_by_line() -> None:
    trace = 'Traceback (most recent call last):\n  File "x.py", line 1, in f\nValueError: boom'

    structured = shown({**STRUCTURED, "level": "ERROR", "message": "unforeseen error", "exception": trace})
    plain = line_of(f"[ERROR] ValueError: boom\n{trace}")

    assert structured.splitlines()[1:] == [f"  {row}" for row in trace.splitlines()]
    assert (plain.level, plain.message, plain.trace) == ("ERROR", "[ERROR] ValueError: boom", trace)


def test_fields_of_fields_stand_beside_the_others() -> None:
    said = shown({**STRUCTURED, "message": "transformed", "source": {"uri": "s3://b/a b.csv", "rows_in": 3}})

    assert 'uri="s3://b/a b.csv"' in said
    assert "rows_in=3" in said


@pytest.mark.parametrize(
    ("wanted", "taken"),
    [
        (ALL, True),
        (Wanted("INFO"), True),
        (Wanted("WARNING"), False),
        (Wanted(words=("a20cedd0-1753",)), True),
        (Wanted(words=("LAKELOOP-LOCAL-WINE", "228")), True),
        (Wanted(words=("other.csv",)), False),
    ],
)
def test_lines_are_chosen_by_level_and_by_words_anywhere_in_them(wanted: Wanted, taken: bool) -> None:
    assert wanted.takes(line_of(STRUCTURED), event(STRUCTURED).text) == taken


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


BANNER = "2026-11-26 20:24:25 INFO [ministack] \n  __  __\n |  \\/  |\n\n Services: S3\n"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (False, "first\n2026-11-26 ready [bold]\n"),
        (True, f"first\n{BANNER}2026-11-26 ready [bold]\n"),
    ],
)
def test_a_part_is_shown_without_the_emulators_picture_unless_it_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], raw: bool, expected: str
) -> None:
    log = tmp_path / "aws.log"
    log.write_text(f"first\n{BANNER}2026-11-26 ready [bold]\n")

    show = printer_of_file(console.stdout(), "aws", raw=raw, as_json=False)
    show_file(show, LogTail(log), ALL, lines=100, follow=False, raw=raw)

    assert capsys.readouterr().out == expected


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


def test_only_so_many_of_the_last_lines_of_a_function_are_shown(
    logs: CloudWatchLogsClient, capsys: pytest.CaptureFixture[str]
) -> None:
    now = int(time.time() * 1000)
    put(logs, *((now - 1000 + number, json.dumps({**STRUCTURED, "rows": number})) for number in range(20)))
    put(logs, (now, "END RequestId: x"))

    show = printer_of_events(console.stdout(), 1, raw=False, as_json=True)
    show_events(show, [FunctionLog(logs, GROUP, function="f")], ALL, lines=2, follow=False, raw=False)

    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["fields"]["rows"] for line in printed] == [18, 19]
    assert list(printed[0]) == ["moment", "function", "level", "message", "fields", "trace", "request_id"]


def test_raw_lines_are_shown_as_they_were_written(
    logs: CloudWatchLogsClient, capsys: pytest.CaptureFixture[str]
) -> None:
    now = int(time.time() * 1000)
    put(logs, (now - 2, json.dumps(STRUCTURED)), (now - 1, "END RequestId: x"))

    show = printer_of_events(console.stdout(), 1, raw=True, as_json=False)
    show_events(show, [FunctionLog(logs, GROUP, function="f")], ALL, lines=100, follow=False, raw=True)

    assert capsys.readouterr().out == f"{json.dumps(STRUCTURED)}\nEND RequestId: x\n"


def test_lines_of_several_functions_are_shown_by_time(
    logs: CloudWatchLogsClient, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.create_log_group(logGroupName="/aws/lambda/g")
    logs.create_log_stream(logGroupName="/aws/lambda/g", logStreamName="s")
    now = int(time.time() * 1000)
    put(logs, (now - 4, "first"), (now - 1, "fourth"))
    logs.put_log_events(
        logGroupName="/aws/lambda/g",
        logStreamName="s",
        logEvents=[{"timestamp": now - 3, "message": "second"}, {"timestamp": now - 2, "message": "third"}],
    )

    show = printer_of_events(console.stdout(), 1, raw=True, as_json=False)
    read = [FunctionLog(logs, GROUP, function="f"), FunctionLog(logs, "/aws/lambda/g", function="g")]
    show_events(show, read, ALL, lines=3, follow=False, raw=True)

    assert capsys.readouterr().out.splitlines() == ["second", "third", "fourth"]
