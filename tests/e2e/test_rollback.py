"""Bad data and a bad model are taken back on the deployed loop, and neither comes back by itself."""

import json
from pathlib import Path

import pytest

from lakeloop.adapters.registry import SageMakerRegistry
from lakeloop.cli.commands import endpoint, rollback
from lakeloop.cli.demo.data import DATASET, prepare
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.loop import LoopWatch
from lakeloop.client.models import Models
from lakeloop.client.replay import Landing
from lakeloop.client.tracing import Tracing
from lakeloop.ingest.notification import PREFIX
from lakeloop.messages import ReconcileLoop
from lakeloop.registry.ports import Approval, ModelVersion, Registration
from tests.e2e.conftest import Deployment
from tests.e2e.test_loop import eventually, ignore

BAD = "bad.csv"


@pytest.fixture(scope="module")
def dataset(deployment: Deployment) -> Dataset:
    return Dataset(deployment.environment, DATASET)


@pytest.fixture(autouse=True)
def commands_see_it(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Environment, "load", classmethod(lambda cls: deployment.environment))


@pytest.fixture(scope="module")
def files(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return list(prepare(dataset.contract, tmp_path_factory.mktemp("rollback")).files)


def served(deployment: Deployment, dataset: Dataset) -> int | None:
    """The version that answers requests, once no update is under way."""
    models = Models(deployment.environment, dataset)
    if models.endpoint is None or models.endpoint.status != "InService":
        return None
    return next((version.version for version in models.versions if version.arn == models.serving), None)


def register_copy(deployment: Deployment, version: ModelVersion) -> int:
    """The same model as another version, as a second training would register it; its number."""
    environment = deployment.environment
    bucket, _, key = version.artifact.removeprefix("s3://").partition("/")
    copy = f"training/{DATASET}/copied/copied-001/output/model.tar.gz"
    environment.s3.copy_object(Bucket=bucket, Key=copy, CopySource={"Bucket": bucket, "Key": key})
    made = SageMakerRegistry(environment.sagemaker).register(
        Registration(
            group=version.group,
            token="a-copy",
            approval=Approval.PENDING,
            why="a copy",
            artifact=f"s3://{bucket}/{copy}",
            image=version.image,
            evaluation=version.evaluation,
            metadata=version.metadata,
            tags={},
        )
    )
    return made.version


def rows_of(dataset: Dataset, name: str) -> int:
    return sum(entry.counts.total for _, entry in dataset.index().entries() if entry.uri.endswith(f"/{name}"))


def test_bad_data_leaves_main_and_neither_events_nor_reconciling_bring_it_back(
    deployment: Deployment, dataset: Dataset, files: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    watch = LoopWatch(deployment.environment, dataset)
    for file in files:
        watch.wait_for_rows(dataset.drop(file), ignore)
    before = dataset.index().counts()
    bad = files[0].with_name(BAD)
    bad.write_bytes(files[0].read_bytes())
    drop = dataset.drop(bad)
    watch.wait_for_rows(drop, ignore)
    assert rows_of(dataset, BAD)

    rollback.data(DATASET, BAD, reason="the test says so", yes=True, as_json=True)

    told = json.loads(capsys.readouterr().out)
    head = dataset.commits()[0]
    assert told["commit"] == head.id
    assert head.metadata["reason"] == "the test says so"
    assert dataset.index().counts() == before
    landing = Landing(deployment.environment, dataset)
    assert not [found for found in landing.findings() if found.file.landed.key.endswith(f"/{BAD}")]
    named = landing.to_replay(0, f"{PREFIX}{DATASET}/{BAD}")
    assert [file.why for file in named] == ["rolled back"]
    list(landing.replay(named))
    eventually("the rows that were replayed by name", lambda: rows_of(dataset, BAD) > 0)
    rollback.data(DATASET, BAD, reason="and again", yes=True)
    assert dataset.index().counts() == before


def test_the_version_before_serves_again_and_the_other_never_by_itself(
    deployment: Deployment, dataset: Dataset
) -> None:
    environment = deployment.environment
    eventually("a first model", lambda: served(deployment, dataset) is not None)
    first = served(deployment, dataset)
    assert first is not None
    second = register_copy(deployment, Models(environment, dataset).find(first))
    models = Models(environment, dataset)
    models.approve(models.find(second), "try it", force=False)
    eventually("the second version", lambda: served(deployment, dataset) == second)

    rollback.model(DATASET, reason="it refused everybody", yes=True)

    eventually("the first version again", lambda: served(deployment, dataset) == first)
    [chain] = Tracing(environment).trace(DATASET).made_of
    assert (chain.kind, chain.name) == ("model", f"{dataset.endpoint_name}/{first}")
    assert [node.kind for node in chain.then] == ["job"]
    found = Models(environment, dataset).find(second)
    assert found.why.endswith(": it refused everybody")
    environment.sns.publish(
        TopicArn=environment.outputs.chains["reconcile"].topic_arn,
        Message=ReconcileLoop(dataset=DATASET).model_dump_json(),
    )
    eventually("its report", lambda: any(report.step == "reconcile" for report in dataset.reports()))
    assert served(deployment, dataset) == first


def test_an_endpoint_that_is_off_stays_away_until_it_is_on(deployment: Deployment, dataset: Dataset) -> None:
    version = served(deployment, dataset)

    endpoint.off(DATASET, reason="no budget", yes=True)

    eventually("no endpoint", lambda: Models(deployment.environment, dataset).endpoint is None)
    endpoint.on(DATASET)
    eventually("the endpoint", lambda: served(deployment, dataset) == version)
