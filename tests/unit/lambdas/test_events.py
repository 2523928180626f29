"""The samples beside each handler are what wakes it, and what it understands."""

import json
from pathlib import Path
from typing import Any

import pytest

from lakeloop import names, state_changes
from lakeloop.ingest.notification import landed_objects
from lakeloop.messages import (
    AdvanceSplits,
    Compact,
    DataCommitted,
    FeaturesMissing,
    JudgeAgain,
    Message,
    ReconcileLanding,
    WatchPredictions,
)
from lakeloop.state_changes import EndpointStateChange, PackageStateChange, TransformStateChange, TuningStateChange
from lakeloop.training.wake import wake
from tests.data import ROOT, breast_cancer
from tests.fakes import MemoryTuner
from tests.unit.serving.asking import csv_of

FUNCTIONS = sorted(handler.parent for handler in (ROOT / "lambdas").glob("*/handler.py"))
CRUD = ("bootstrap_lake", "guard_data", "reap_endpoints")


def sample(function: str, name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ROOT / "lambdas" / function / "events" / f"{name}.json").read_text())
    return event


def delivered(function: str, name: str) -> Message:
    (record,) = sample(function, name)["Records"]
    return Message.from_record(record)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda folder: folder.name)
def test_each_function_has_samples(function: Path) -> None:
    assert list((function / "events").glob("*.json"))


@pytest.mark.parametrize("name", ["object_created", "object_created_wrapped_by_sns"])
def test_a_created_object_is_read_raw_or_wrapped(name: str) -> None:
    (landed,) = landed_objects(delivered("transform_data", name))

    assert landed.uri == "s3://lakeloop-dev-landing-123456789012/incoming/breast_cancer/tumours 2026-01.csv"
    assert (landed.dataset, landed.version) == ("breast_cancer", "096fKKXTRTtl3on89fVO.nfljtsv6qko")


def test_what_s3_sends_to_try_a_notification_tells_of_no_object() -> None:
    assert landed_objects(delivered("transform_data", "test_event")) == []


@pytest.mark.parametrize("name", ["data_committed", "data_committed_wrapped_by_sns"])
def test_committed_data_is_read_raw_or_wrapped(name: str) -> None:
    assert DataCommitted.parse(delivered("start_tuning", name).body).repository == "lakeloop-dev-breast-cancer"


@pytest.mark.parametrize(
    ("name", "reason", "dataset", "ask"),
    [
        ("schedule", "schedule", "", ""),
        ("asked_by_a_person", "person", "breast_cancer", "0b6f3c1e9d8a4f7c8b2e5a1d6c3f9e70"),
    ],
)
def test_who_asks_for_training_is_read(name: str, reason: str, dataset: str, ask: str) -> None:
    woken = wake(delivered("start_tuning", name), MemoryTuner())

    assert woken
    assert (woken.reason, woken.dataset, woken.ask.id if woken.ask else "") == (reason, dataset, ask)


@pytest.mark.parametrize("name", ["features_missing", "features_missing_wrapped_by_sns"])
def test_missing_features_are_read_raw_or_wrapped(name: str) -> None:
    assert FeaturesMissing.parse(delivered("remake_features", name).body).recipe == "6f1f7b1c0d9e"


@pytest.mark.parametrize(
    ("name", "dataset", "after"),
    [
        ("schedule", "", ""),
        ("next_keys", "breast_cancer", "incoming/breast_cancer/tumours 2026-01.csv"),
    ],
)
def test_what_is_to_be_compared_with_main_is_read(name: str, dataset: str, after: str) -> None:
    asked = ReconcileLanding.parse(delivered("reconcile_landing", name).body)

    assert (asked.dataset, asked.after) == (dataset, after)


@pytest.mark.parametrize(("name", "dataset", "fewest"), [("schedule", "", 32), ("asked_for_one", "breast_cancer", 2)])
def test_what_is_to_be_compacted_is_read(name: str, dataset: str, fewest: int) -> None:
    asked = Compact.parse(delivered("compact", name).body)

    assert (asked.dataset, asked.fewest) == (dataset, fewest)


@pytest.mark.parametrize(("name", "dataset"), [("schedule", ""), ("asked_for_one", "taxi_trips")])
def test_whose_borders_are_to_be_looked_at_is_read(name: str, dataset: str) -> None:
    assert AdvanceSplits.parse(delivered("advance_splits", name).body).dataset == dataset


@pytest.mark.parametrize(("name", "dataset"), [("schedule", ""), ("of_one_dataset", "breast_cancer")])
def test_whose_predictions_are_to_be_watched_is_read(name: str, dataset: str) -> None:
    assert WatchPredictions.parse(delivered("monitor", name).body).dataset == dataset


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("tuning_completed", TuningStateChange),
        ("tuning_completed_wrapped_by_sns", TuningStateChange),
        ("version_rejected", PackageStateChange),
        ("endpoint_in_service", EndpointStateChange),
    ],
)
def test_what_is_recorded_is_read(name: str, kind: type) -> None:
    assert isinstance(state_changes.parse(delivered("record_experiment", name).body), kind)


@pytest.mark.parametrize("name", ["tuning_completed", "tuning_completed_wrapped_by_sns"])
def test_the_end_of_a_tuning_job_is_read_raw_or_wrapped(name: str) -> None:
    change = state_changes.parse(delivered("evaluate_model", name).body)

    assert isinstance(change, TuningStateChange)
    assert change.detail.name == "lakeloop-dev-4aaac2c7ac73"


def test_the_end_of_a_transform_is_read() -> None:
    change = state_changes.parse(delivered("evaluate_model", "transform_completed").body)

    assert isinstance(change, TransformStateChange)
    assert names.is_transform_job("lakeloop-dev", change.detail.name)


def test_what_is_to_be_judged_again_is_read() -> None:
    asked = JudgeAgain.parse(delivered("evaluate_model", "judge_again").body)

    assert (asked.dataset, asked.tuning_job) == ("breast_cancer", "lakeloop-dev-4aaac2c7ac73")


def test_the_approval_of_a_version_is_read() -> None:
    change = state_changes.parse(delivered("deploy_model", "package_approved").body)

    assert isinstance(change, PackageStateChange)
    assert change.detail.group == "lakeloop-dev-breast-cancer"


def test_the_state_of_an_endpoint_is_read() -> None:
    change = state_changes.parse(delivered("deploy_model", "endpoint_in_service").body)

    assert isinstance(change, EndpointStateChange)
    assert change.detail.name == "lakeloop-dev-breast-cancer"


def test_a_request_through_api_gateway_fits_the_contract() -> None:
    event = sample("predict", "request")

    assert event["pathParameters"] == {"dataset": "breast_cancer"}
    assert csv_of(event["body"], breast_cancer())


@pytest.mark.parametrize("function", CRUD)
@pytest.mark.parametrize("action", ["create", "update", "delete"])
def test_terraform_says_what_it_does_beside_the_input(function: str, action: str) -> None:
    event = sample(function, action)

    assert event["tf"]["action"] == action
    assert (event["tf"]["prev_input"] is None) == (action == "create")
