"""An environment summed up from what its parts say, and without a part that is dead."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
import urllib3.exceptions
from botocore.exceptions import EndpointConnectionError

from lakeloop import names
from lakeloop.adapters.reports import S3StepReports
from lakeloop.adapters.s3 import S3FailureLog
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.served import ServedEndpoint, ServedModel, ServedModels
from lakeloop.client.summary import Said, Summaries
from lakeloop.contract import DatasetContract
from lakeloop.failures import Failure
from lakeloop.lake.ports import LakeCommit, LakeObject
from lakeloop.reports import StepReport
from lakeloop.training.ports import TuningRun
from tests.data import breast_cancer
from tests.unit.client.deployed import OUTPUTS, deploy_contracts, emulated, put_letter

SOURCE = {
    "event_id": "e1",
    "uri": "s3://landing/incoming/breast_cancer/a.csv",
    "version": "v1",
    "sha256": "x",
    "rows_in": 60,
    "rows_committed": 57,
    "rows_quarantined": 3,
    "quarantine_uri": "",
}


class Lake:
    """A lake with one file on main."""

    def read(self, *_: str) -> None:
        """There is no index."""

    def log(self, _repository: str, _ref: str) -> Iterator[LakeCommit]:
        yield LakeCommit("c1", {"rows_committed": "57", "sources": json.dumps([SOURCE])})
        yield LakeCommit("first", {})


class LakeOfPeople(Lake):
    """The same, and a person merged 400 rows into main since."""

    def log(self, repository: str, ref: str) -> Iterator[LakeCommit]:
        yield LakeCommit("by-hand", {}, ("c1",))
        yield from super().log(repository, ref)

    def head(self, _repository: str) -> str:
        return "by-hand"

    def objects(self, _repository: str, ref: str, prefix: str) -> Iterator[LakeObject]:
        paths = {"rows/train/ours.parquet": 57, **({"rows/train/by-hand.parquet": 400} if ref == "by-hand" else {})}
        for path, rows in paths.items():
            if path.startswith(prefix):
                yield LakeObject(path, f"s3://{OUTPUTS['lake_bucket']}/{path}", len(parquet(rows)))


def parquet(rows: int) -> bytes:
    body = io.BytesIO()
    pl.DataFrame({"label": range(rows)}).write_parquet(body)
    return body.getvalue()


class DeadLake:
    def log(self, _repository: str, _ref: str) -> Iterator[LakeCommit]:
        raise urllib3.exceptions.HTTPError("connection refused")


def no_tuning(*_: object) -> TuningRun | None:
    return None


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    monkeypatch.setattr("lakeloop.client.dataset.Dataset.latest_tuning", no_tuning)
    monkeypatch.setattr(ServedModels, "endpoint", no_tuning)
    with emulated(monkeypatch) as environment:
        vars(environment)["lake"] = Lake()
        bucket = environment.outputs.artifacts_bucket
        environment.outputs.contracts_index = deploy_contracts(environment.s3, bucket, breast_cancer())
        yield environment


def put(environment: Environment, key: str, body: bytes) -> None:
    environment.s3.put_object(Bucket=environment.outputs.artifacts_bucket, Key=key, Body=io.BytesIO(body))


def test_a_dataset_is_summed_up_from_its_data_to_why_no_training_is_due(environment: Environment) -> None:
    put(environment, names.quarantine_key("breast_cancer", "e1"), b"rows of a file on main")
    put(environment, names.quarantine_key("breast_cancer", "e2"), b"a whole file")
    put_letter(environment, "transform_data", json.dumps({"resources": ["s3://b/incoming/breast_cancer/x.csv"]}))
    put_letter(environment, "transform_data", json.dumps({"resources": ["s3://b/incoming/wine/x.csv"]}))

    overview = Summaries(environment).overview()

    (dataset,) = overview.datasets
    assert (dataset.rows, dataset.rows_new, dataset.rows_quarantined) == (57, 57, 3)
    assert dataset.files_quarantined_whole == 1
    assert dataset.dead_letters == 1
    assert dataset.why_no_training == "57 new rows, 300 needed"
    assert {chain.name: chain.dead_letters for chain in overview.chains}["transform_data"] == 2
    assert overview.problems == {}


def test_merged_by_a_person_counts_and_status_says_what_starts_its_training(environment: Environment) -> None:
    vars(environment)["lake"] = LakeOfPeople()
    for path, rows in (("rows/train/ours.parquet", 57), ("rows/train/by-hand.parquet", 400)):
        environment.s3.put_object(Bucket=environment.outputs.lake_bucket, Key=path, Body=parquet(rows))

    overview = Summaries(environment).overview()

    (dataset,) = overview.datasets
    assert overview.problems == {}
    assert (dataset.rows, dataset.rows_new) == (457, 457)
    # More than enough: counting ends there.
    assert dataset.why_no_training == (
        "400 new rows, at least 300 needed, 1 of their commits by others: starts within the hour, by the clock"
    )
    assert Dataset(environment, "breast_cancer").why_no_tuning() == "", "a file that was dropped wakes it"


def test_a_dataset_that_nothing_is_learned_from_says_so(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlearned = {**breast_cancer().model_dump(mode="json"), "problem": None, "label": None, "positive_class": None}
    monkeypatch.setattr(Dataset, "contract", DatasetContract.model_validate(unlearned))

    (dataset,) = Summaries(environment).overview().datasets

    assert dataset.why_no_training == "nothing is learned: the contract names no problem"


def test_new_rows_are_those_after_the_model_that_serves_not_after_the_job_that_ran_last(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a rollback the data of the last job is served by nobody."""
    model = ServedModel("m", datetime.now(UTC), "first", "job", "trial", "validation:auc", 0.9)
    last = TuningRun("later job", "c1", "Completed", datetime.now(UTC))
    monkeypatch.setattr(ServedModels, "endpoint", lambda *_: ServedEndpoint("e", "InService", "in service", model))
    monkeypatch.setattr("lakeloop.client.dataset.Dataset.latest_tuning", lambda _: last)

    summary = Summaries(environment).dataset("breast_cancer")

    assert summary.rows_new == 57
    assert summary.last_training == last
    assert summary.head == "c1"


def test_a_model_of_the_head_of_main_has_seen_every_row(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = ServedModel("m", datetime.now(UTC), "c1", "job", "trial", "validation:auc", 0.9)
    monkeypatch.setattr(ServedModels, "endpoint", lambda *_: ServedEndpoint("e", "InService", "in service", model))

    assert Summaries(environment).dataset("breast_cancer").rows_new == 0


def test_a_queue_tells_what_waits_from_what_is_worked_on(environment: Environment) -> None:
    url = environment.outputs.chains["start_tuning"].queue_url
    for number in range(3):
        environment.sqs.send_message(QueueUrl=url, MessageBody=str(number))
    environment.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1)

    chain = next(chain for chain in Summaries(environment).chains if chain.name == "start_tuning")

    assert (chain.waiting, chain.in_flight, chain.dead_letters) == (2, 1, 0)


def test_the_latest_failure_is_told_beside_its_queue_and_its_dataset(environment: Environment) -> None:
    environment.outputs.datasets = ("breast_cancer", "wine")
    log, now = S3FailureLog(environment.s3, environment.outputs.artifacts_bucket), datetime.now(UTC)
    for ago, function, subject in (
        (3, "transform_data", "s3://landing/incoming/breast_cancer/a.csv"),
        (2, "transform_data", "s3://landing/incoming/breast_cancer/b.csv"),
        (1, "start_tuning", "lakeloop-test-wine"),
    ):
        at = (now - timedelta(minutes=ago)).isoformat()
        log.put(Failure(function, f"message-{ago}", subject, "why", "TransientError", 1, at, at, ""))

    summaries = Summaries(environment)

    failed = summaries.dataset("breast_cancer").last_failure
    assert failed is not None
    assert failed.object.endswith("/b.csv")
    last = {chain.name: chain.last_failure and chain.last_failure.object for chain in summaries.chains}
    assert last == {"transform_data": failed.object, "start_tuning": "lakeloop-test-wine", "deploy_model": None}


def test_what_a_step_said_last_is_told_where_somebody_should_look(environment: Environment) -> None:
    reports = S3StepReports(environment.s3, environment.outputs.artifacts_bucket)
    bad = StepReport(dataset="breast_cancer", step="deploy_model", good=False, why="the new fleet was rolled back")
    reports.put(bad)
    good = StepReport(dataset="breast_cancer", step="reconcile_landing", good=True, why="all is there")
    reports.put(good)

    found = Summaries(environment).dataset("breast_cancer")

    assert found.complaints == (Said("deploy_model", bad.why, bad.at),)
    assert found.reconciled == Said("reconcile_landing", good.why, good.at)


def test_an_overview_says_where_files_go_and_where_predictions_come_from(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    overview = Summaries(environment).overview()

    assert overview.environment == "lakeloop-test"
    assert overview.drop_files_at == f"s3://{environment.outputs.landing_bucket}/incoming/<dataset>/"
    assert overview.predictions_at.endswith("/datasets/<dataset>/predictions")
    assert overview.experiments_at is None


def test_a_dead_lakefs_leaves_a_gap_and_is_named(environment: Environment) -> None:
    vars(environment)["lake"] = DeadLake()

    overview = Summaries(environment).overview()

    assert overview.problems == {"lakeFS": "does not answer: connection refused"}
    assert overview.datasets[0].rows is None
    assert len(overview.chains) == 3


def test_a_dead_sagemaker_leaves_a_gap_and_is_named(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    def dead(*_: object) -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    monkeypatch.setattr(ServedModels, "endpoint", dead)

    overview = Summaries(environment).overview()

    assert "127.0.0.1:1" in overview.problems["SageMaker"]
    assert overview.datasets[0].rows == 57
    assert overview.datasets[0].rows_new is None
    assert len(overview.chains) == 3
