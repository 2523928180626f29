"""What holds of a catalog of models: a version once, aliases that move and say so."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from lakeloop.adapters.mlflow import MlflowTracker
from lakeloop.adapters.mlflow_calls import MlflowCalls
from lakeloop.adapters.mlflow_models import MlflowCatalog
from lakeloop.errors import ConflictingResourceError, TransientError
from lakeloop.tracking.ports import Alias, Version
from tests.contract.tracking.examples import JOB, experiment, tuning
from tests.contract.tracking.seen import MlflowReader

PACKAGE = "arn:aws:sagemaker:us-east-1:123456789012:model-package/lakeloop-dev-tumours"
FILES = {"MLmodel": b"flavors: {}", "data/xgboost-model": b"booster"}
AT = "2026-03-01T13:00:00+00:00"


def version(number: int = 1, **tags: str) -> Version:
    return Version(f"{PACKAGE}/{number}", f"{JOB}-001", "better by 2 %", {"sagemaker.approval": "Approved", **tags})


@pytest.fixture
def name() -> str:
    return experiment()


@pytest.fixture
def calls(mlflow_uri: str) -> MlflowCalls:
    return MlflowCalls(mlflow_uri, lambda: None)


@pytest.fixture
def catalog(calls: MlflowCalls, name: str) -> MlflowCatalog:
    tracker = MlflowTracker(calls, "lakeloop-dev")
    tracker.record(name, tuning(1))
    return MlflowCatalog(calls, tracker, "lakeloop-dev", clock=lambda: datetime(2026, 3, 1, 13, tzinfo=UTC))


@pytest.fixture
def reader(mlflow_uri: str) -> MlflowReader:
    return MlflowReader(mlflow_uri)


def tags(reader: MlflowReader, name: str, number: str) -> Mapping[str, str]:
    found = reader.get("model-versions/get", name=name, version=number)["model_version"]
    return {tag["key"]: tag["value"] for tag in found["tags"]}


def test_a_version_is_made_once_of_the_files_beside_its_trial(
    catalog: MlflowCatalog, reader: MlflowReader, name: str
) -> None:
    before = catalog.number(name, f"{PACKAGE}/1")
    first = catalog.add(name, version(), lambda: FILES)
    again = catalog.add(name, version(), lambda: pytest.fail("it is there"))
    other = catalog.add(name, version(2), lambda: FILES)

    assert (before, first, again, other) == (None, "1", "1", "2")
    assert catalog.number(name, f"{PACKAGE}/2") == "2"
    (trial,) = [run for run in reader.runs(name) if run.parent]
    assert reader.artifact(trial, "model/data/xgboost-model") == b"booster"


def test_what_is_said_of_a_version_follows_its_approval(
    catalog: MlflowCatalog, reader: MlflowReader, name: str
) -> None:
    number = catalog.add(name, version(), lambda: FILES)

    catalog.describe(name, number, Version(f"{PACKAGE}/1", "", "undone", {"sagemaker.approval": "Rejected"}))

    found = reader.get("model-versions/get", name=name, version=number)["model_version"]
    assert found["description"] == "undone"
    assert tags(reader, name, number)["sagemaker.approval"] == "Rejected"
    assert tags(reader, name, number)["lakeloop.key"] == f"{PACKAGE}/1"


def test_an_alias_moves_and_both_versions_tell_when(catalog: MlflowCatalog, reader: MlflowReader, name: str) -> None:
    catalog.add(name, version(1), lambda: FILES)
    catalog.add(name, version(2), lambda: FILES)
    before = catalog.alias(name, Alias.CHAMPION)

    catalog.point(name, Alias.CHAMPION, "1")
    catalog.point(name, Alias.CHAMPION, "2")
    catalog.point(name, Alias.CHAMPION, "2")

    assert before is None
    assert catalog.alias(name, Alias.CHAMPION) == "2"
    assert tags(reader, name, "1")["lakeloop.champion.until"] == AT
    assert tags(reader, name, "2")["lakeloop.champion.since"] == AT


def test_an_alias_is_taken_away(catalog: MlflowCatalog, name: str) -> None:
    catalog.add(name, version(), lambda: FILES)
    catalog.point(name, Alias.CHALLENGER, "1")

    catalog.point(name, Alias.CHALLENGER, None)
    catalog.point(name, Alias.CHALLENGER, None)

    assert catalog.alias(name, Alias.CHALLENGER) is None


def test_a_version_waits_for_the_run_that_made_it(catalog: MlflowCatalog, name: str) -> None:
    unknown = Version(f"{PACKAGE}/1", "lakeloop-dev-ffffffffffff-001", "", {})

    with pytest.raises(TransientError, match="not in MLflow yet"):
        catalog.add(name, unknown, lambda: FILES)


def test_two_environments_do_not_share_a_name(calls: MlflowCalls, catalog: MlflowCatalog, name: str) -> None:
    other = MlflowTracker(calls, "lakeloop-prod")

    with pytest.raises(ConflictingResourceError, match=r"lakeloop-dev: give lakeloop-prod an MLflow server of its own"):
        other.record(name, tuning(1))
