"""What the watchers see, and what they take for the end."""

import json
from datetime import UTC, datetime

import pytest

from lakeloop import names
from lakeloop.client.errors import LoopFailedError
from lakeloop.client.follow import (
    Drop,
    Ingested,
    Postponed,
    Trial,
    TuningState,
    describe_trials,
    look_at_endpoint,
    look_at_trials,
    look_for_rejection,
    look_for_rows,
    look_for_tuning,
)
from lakeloop.deployment.ports import EndpointState
from lakeloop.ingest.notification import LandedObject
from lakeloop.lake.ports import LakeCommit
from lakeloop.training.ports import TuningRun

LANDED = LandedObject(bucket="landing", key="incoming/wine/a.csv", version="v2", dataset="wine")
DROP = Drop(LANDED, sha256="bytes", rows=10)


def commit(identifier: str, *, version: str, sha256: str, uri: str = LANDED.uri) -> LakeCommit:
    source = {
        "event_id": "event",
        "uri": uri,
        "version": version,
        "sha256": sha256,
        "rows_in": 10,
        "rows_committed": 9,
        "rows_quarantined": 1,
        "quarantine_uri": "s3://artifacts/quarantine/wine/event.parquet",
    }
    return LakeCommit(identifier, {"sources": json.dumps([source])})


def endpoint(status: str, *, config: str = "new", job: str = "job", reason: str = "") -> EndpointState:
    tags = {names.TUNING_JOB_TAG: job, names.DESIRED_CONFIG_TAG: "new"}
    return EndpointState(name="endpoint", status=status, config=config, failure_reason=reason, tags=tags)


def test_a_commit_that_names_the_dropped_version_has_its_rows() -> None:
    other = commit("other", version="v2", sha256="bytes", uri="s3://landing/b.csv")

    seen = look_for_rows(DROP, [other, commit("ours", version="v2", sha256="x")])

    assert seen.value == Ingested("ours", 9, 1, "s3://artifacts/quarantine/wine/event.parquet")


def test_the_same_bytes_dropped_again_are_in_the_commit_that_has_them() -> None:
    seen = look_for_rows(DROP, [commit("earlier", version="v1", sha256="bytes")])

    assert seen.value is not None
    assert seen.value.commit == "earlier"
    assert seen.text.startswith("nothing new")


def test_bytes_that_were_replaced_since_are_not_on_main() -> None:
    log = [commit("newer", version="v1b", sha256="other"), commit("older", version="v1", sha256="bytes")]

    assert look_for_rows(DROP, log).value is None


def test_commits_that_no_ingest_made_are_passed_over() -> None:
    assert look_for_rows(DROP, [LakeCommit("repository created", {})]).value is None


@pytest.mark.parametrize(("quarantined", "whole"), [(0, False), (9, False), (10, True)])
def test_only_a_file_with_every_row_in_quarantine_was_rejected_whole(quarantined: int, whole: bool) -> None:
    seen = look_for_rejection(DROP, "s3://artifacts/q.parquet", quarantined)

    assert (seen.value is not None) == whole


def test_a_tuning_job_on_a_later_commit_is_the_one_that_learns_from_the_file() -> None:
    run = TuningRun("job", "later", "InProgress", datetime.now(UTC))

    assert look_for_tuning(run, ["later", "ours"], "").value == run


def test_an_older_tuning_job_is_not_ours_and_the_rule_says_why_there_is_none() -> None:
    run = TuningRun("job", "before", "Completed", datetime.now(UTC))

    assert look_for_tuning(run, ["ours"], "12 new rows, 300 needed").value == Postponed("12 new rows, 300 needed")
    assert look_for_tuning(run, ["ours"], "").value is None


def test_trials_are_told_with_the_best_so_far() -> None:
    trials = [Trial("a", "Completed", 0.91), Trial("b", "Completed", 0.95), Trial("c", "InProgress", None)]

    assert describe_trials(trials, planned=6, maximize=True) == "2 of 6 trials done, 1 running, best 0.95000"
    assert describe_trials(trials, planned=6, maximize=False).endswith("best 0.91000")


def test_a_tuning_job_that_failed_is_not_waited_for() -> None:
    with pytest.raises(LoopFailedError, match="job ended Failed: no instances"):
        look_at_trials(TuningState("job", "Failed", "no instances"), [], planned=6, maximize=True)


def test_a_completed_tuning_job_ends_the_wait() -> None:
    trials = [Trial("a", "Completed", 0.9)]

    assert look_at_trials(TuningState("job", "InProgress", ""), trials, planned=1, maximize=True).value is None
    assert look_at_trials(TuningState("job", "Completed", ""), trials, planned=1, maximize=True).value == trials


def test_in_service_counts_only_with_the_desired_config_of_our_job() -> None:
    assert look_at_endpoint(endpoint("InService"), "job").value is not None
    assert look_at_endpoint(None, "job").value is None
    assert look_at_endpoint(endpoint("Creating"), "job").value is None
    assert look_at_endpoint(endpoint("InService", job="earlier"), "job").value is None


def test_the_old_config_in_service_before_the_update_begins_is_waited_for() -> None:
    assert look_at_endpoint(endpoint("InService", config="old"), "job").value is None


@pytest.mark.parametrize(
    "state", [endpoint("InService", config="old", reason="alarm"), endpoint("Failed", reason="no image")]
)
def test_a_rolled_back_or_failed_endpoint_is_not_waited_for(state: EndpointState) -> None:
    with pytest.raises(LoopFailedError, match=state.failure_reason):
        look_at_endpoint(state, "job")


@pytest.mark.parametrize(
    ("ingested", "said"),
    [
        (Ingested("0123456789abcdef", 9, 1, "s3://q"), "9 rows in commit 0123456789ab, 1 quarantined"),
        (Ingested("0123456789abcdef", 9, 0, ""), "9 rows in commit 0123456789ab"),
        (Ingested("", 0, 9, "s3://q"), "the file is quarantined whole at s3://q"),
    ],
)
def test_where_the_rows_went_is_one_sentence(ingested: Ingested, said: str) -> None:
    assert str(ingested) == said


def test_a_file_that_is_there_by_its_own_version_is_not_called_nothing_new() -> None:
    assert (
        look_for_rows(DROP, [commit("ours", version="v2", sha256="bytes")]).text
        == "9 rows in commit ours, 1 quarantined"
    )


def test_a_file_without_rows_is_not_taken_for_one_that_was_rejected() -> None:
    assert look_for_rejection(Drop(LANDED, "bytes", rows=0), "s3://artifacts/q.parquet", 0).value is None


def test_trials_that_failed_are_told_and_a_best_one_only_where_there_is_one() -> None:
    trials = [Trial("a", "Failed", None), Trial("b", "InProgress", None), Trial("c", "Failed", None)]

    assert describe_trials(trials, planned=3, maximize=True) == "0 of 3 trials done, 1 running, 2 failed"


@pytest.mark.parametrize("status", ["Failed", "Stopped", "DeleteFailed"])
def test_a_tuning_job_that_ended_without_a_reason_is_told_with_its_trials(status: str) -> None:
    with pytest.raises(LoopFailedError, match=f"job ended {status}: 0 of 6 trials done"):
        look_at_trials(TuningState("job", status, ""), [], planned=6, maximize=True)


def test_an_endpoint_that_is_waited_for_is_told_by_what_it_does() -> None:
    told = [
        look_at_endpoint(state, "job").text
        for state in (None, endpoint("InService", job="earlier"), endpoint("Creating"), endpoint("InService"))
    ]

    assert told == [
        "no endpoint yet",
        "endpoint still serves the model of earlier",
        "endpoint is Creating",
        "endpoint is InService",
    ]
