"""Dropping a file and waiting for the loop, against emulated AWS services and a lake in memory."""

import hashlib
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from lakeloop import names
from lakeloop.adapters.s3 import S3FailureLog
from lakeloop.client.dataset import Dataset
from lakeloop.client.dead_letters import DeadLetters
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError, MistakenNameError, RefusedDataError, WaitedTooLongError
from lakeloop.client.follow import Drop, Postponed
from lakeloop.client.loop import DeadLetterGuard, Deadlines, LiveFailures, LoopWatch
from lakeloop.client.waiting import Look
from lakeloop.failures import Failure
from lakeloop.ingest.quarantine import SCHEMA
from lakeloop.lake.ports import LakeCommit
from lakeloop.training.ports import TuningRun
from tests.data import breast_cancer
from tests.unit.client.deployed import deploy_contracts, emulated, put_letter

NOW = Deadlines(ingest=0, tuning_start=0, tuning=0, serving=0)


class Lake:
    """The history of main, newest first."""

    def __init__(self) -> None:
        self.commits = [LakeCommit("first", {})]

    def log(self, _repository: str, _ref: str) -> Iterator[LakeCommit]:
        return iter(self.commits)

    def head(self, _repository: str) -> str:
        return self.commits[0].id

    def commit(self, identifier: str, drop: Drop, *, committed: int) -> None:
        source = {
            "event_id": drop.landed.event_id,
            "uri": drop.landed.uri,
            "version": drop.landed.version,
            "sha256": drop.sha256,
            "rows_in": drop.rows,
            "rows_committed": committed,
            "rows_quarantined": drop.rows - committed,
            "quarantine_uri": "",
        }
        metadata = {"rows_committed": str(committed), "sources": json.dumps([source])}
        self.commits.insert(0, LakeCommit(identifier, metadata))


@pytest.fixture
def lake() -> Lake:
    return Lake()


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, lake: Lake) -> Iterator[Environment]:
    with emulated(monkeypatch) as environment:
        vars(environment)["lake"] = lake
        bucket = environment.outputs.artifacts_bucket
        environment.outputs.contracts_index = deploy_contracts(environment.s3, bucket, breast_cancer())
        yield environment


def put_artifact(environment: Environment, key: str, body: bytes) -> None:
    environment.s3.put_object(Bucket=environment.outputs.artifacts_bucket, Key=key, Body=body)


@pytest.fixture
def dataset(environment: Environment) -> Dataset:
    return Dataset(environment, "breast_cancer")


@pytest.fixture
def watch(environment: Environment, dataset: Dataset) -> LoopWatch:
    return LoopWatch(environment, dataset, NOW)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "three rows.csv"
    path.write_text("a,b\n1,2\n3,4\n\n , \n5,6\n")
    return path


def ignore(_: str) -> None:
    pass


def test_a_dropped_file_lies_where_the_loop_begins_as_it_is(
    environment: Environment, dataset: Dataset, file: Path
) -> None:
    dropped = dataset.drop(file)

    assert dropped.landed.key == "incoming/breast_cancer/three rows.csv"
    assert dropped.rows == 3
    stored = environment.s3.get_object(Bucket=dropped.landed.bucket, Key=dropped.landed.key)
    assert stored["VersionId"] == dropped.landed.version
    assert stored["Body"].read() == file.read_bytes()
    assert dropped.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize(("name", "said"), [("nowhere.csv", "is not there"), (".", "is a folder")])
def test_what_is_no_file_is_not_dropped(dataset: Dataset, tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(MistakenNameError, match=said):
        dataset.drop(tmp_path / name)


def test_a_file_that_the_ingest_would_refuse_by_its_name_is_not_even_uploaded(
    environment: Environment, dataset: Dataset, tmp_path: Path
) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("# no table\n")

    with pytest.raises(RefusedDataError, match=r"README.md cannot be read: .* must end with \.csv"):
        dataset.drop(readme)

    assert "Contents" not in environment.s3.list_objects_v2(Bucket=environment.outputs.landing_bucket)


def put_failure(environment: Environment, function: str, subject: str, reason: str, tries: int = 2) -> None:
    now = datetime.now(UTC).isoformat()
    failure = Failure(function, f"message-{tries}", subject, reason, "TransientError", tries, now, now, "")
    S3FailureLog(environment.s3, environment.outputs.artifacts_bucket).put(failure)


def test_while_waiting_the_last_failure_of_the_function_is_told_live(
    environment: Environment, dataset: Dataset, watch: LoopWatch, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.commits.insert(0, LakeCommit("c1", {}))
    monkeypatch.setattr(dataset, "why_no_tuning", lambda: "")
    put_failure(environment, "start_tuning", "", "unforeseen: Hyperparameters ['etta'] cannot be tuned")
    told: list[str] = []

    with pytest.raises(WaitedTooLongError):
        watch.wait_for_tuning("c1", told.append)

    assert told == [
        "start_tuning failed (2 tries): unforeseen: Hyperparameters ['etta'] cannot be tuned; no tuning job yet"
    ]


def test_a_failure_is_looked_for_every_two_seconds_and_not_more_often(
    environment: Environment, dataset: Dataset
) -> None:
    now = [100.0]
    failures = LiveFailures(environment, dataset, clock=lambda: now[0])
    nothing: Look[str] = Look("waiting")
    look = failures.told("start_tuning", lambda: nothing)

    def told_at(moment: float) -> str:
        now[0] = moment
        return look().text

    assert told_at(100) == "waiting"
    put_failure(environment, "start_tuning", "", "no image", tries=1)
    assert told_at(101.9) == "waiting"
    assert told_at(102) == "start_tuning failed (1 try): no image; waiting"


def test_dead_letters_are_looked_for_every_two_seconds_and_those_before_are_known(environment: Environment) -> None:
    now = [100.0]
    put_letter(environment, "start_tuning", "before")
    guard = DeadLetterGuard(DeadLetters(environment), clock=lambda: now[0])

    guard()
    put_letter(environment, "transform_data", "since")
    now[0] = 101.9
    guard()
    now[0] = 102.0
    with pytest.raises(AdvisedError, match="transform_data: since") as raised:
        guard()

    assert "before" not in str(raised.value)


def test_failures_of_another_dataset_are_not_told(
    environment: Environment, dataset: Dataset, watch: LoopWatch, file: Path
) -> None:
    environment.outputs.datasets = ("breast_cancer", "wine")
    put_failure(environment, "transform_data", "s3://landing/incoming/wine/a.csv?versionId=1", "not CSV")
    told: list[str] = []

    with pytest.raises(WaitedTooLongError):
        watch.wait_for_rows(dataset.drop(file), told.append)

    assert "not CSV" not in "".join(told)


def test_a_file_that_is_no_csv_can_be_dropped_too(dataset: Dataset, tmp_path: Path) -> None:
    noise = tmp_path / "noise.csv"
    noise.write_bytes(bytes(range(256)) * 4 + b'"' + b"x" * 200_000)

    assert dataset.drop(noise).landed.key == "incoming/breast_cancer/noise.csv"


def test_rows_on_main_end_the_wait(dataset: Dataset, watch: LoopWatch, lake: Lake, file: Path) -> None:
    dropped = dataset.drop(file)
    lake.commit("c1", dropped, committed=2)

    ingested = watch.wait_for_rows(dropped, ignore)

    assert (ingested.commit, ingested.rows_committed, ingested.rows_quarantined) == ("c1", 2, 1)


def test_a_file_quarantined_whole_ends_the_wait_too(
    environment: Environment, dataset: Dataset, watch: LoopWatch, file: Path
) -> None:
    dropped = dataset.drop(file)
    reason = {"column": "", "rule": "file: too bad", "value": None}
    rows = [{"row": number, "line": number + 1, "reasons": [reason], "raw": b""} for number in (1, 2, 3)]
    body = io.BytesIO()
    pl.DataFrame(rows, schema=SCHEMA).write_parquet(body)
    put_artifact(environment, names.quarantine_key("breast_cancer", dropped.landed.event_id), body.getvalue())

    ingested = watch.wait_for_rows(dropped, ignore)

    assert ingested.commit == ""
    assert ingested.rows_quarantined == 3
    assert [row.number for row in dataset.quarantined(ingested.quarantine_uri)] == [1, 2, 3]


def test_a_file_that_goes_nowhere_ends_with_the_log_to_read(dataset: Dataset, watch: LoopWatch, file: Path) -> None:
    dropped = dataset.drop(file)

    with pytest.raises(WaitedTooLongError, match="is not on main yet") as raised:
        watch.wait_for_rows(dropped, ignore)

    assert "lakeloop logs transform_data" in raised.value.advice
    assert "/aws/lambda/lakeloop-test-transform-data" in raised.value.advice


def test_too_few_rows_start_no_tuning_and_the_rule_says_so(
    dataset: Dataset, watch: LoopWatch, lake: Lake, file: Path
) -> None:
    lake.commit("c1", dataset.drop(file), committed=3)

    assert watch.wait_for_tuning("c1", ignore) == Postponed("3 new rows, 300 needed")


def test_a_tuning_job_of_a_later_commit_is_found(
    dataset: Dataset, watch: LoopWatch, lake: Lake, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dropped = dataset.drop(file)
    lake.commit("c1", dropped, committed=3)
    lake.commit("c2", dropped, committed=3)
    run = TuningRun("job", "c2", "InProgress", datetime.now(UTC))
    monkeypatch.setattr(dataset, "latest_tuning", lambda: run)

    assert watch.wait_for_tuning("c1", ignore) == run


def test_a_message_in_a_dead_letter_queue_ends_the_wait(
    environment: Environment, dataset: Dataset, watch: LoopWatch, file: Path
) -> None:
    dropped = dataset.drop(file)
    put_letter(environment, "transform_data", "what S3 said")

    with pytest.raises(AdvisedError, match="transform_data: what S3 said") as raised:
        watch.wait_for_rows(dropped, ignore)

    assert "lakeloop dlq list" in raised.value.advice
