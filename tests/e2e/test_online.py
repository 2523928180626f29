"""What is watched on the local cloud: inputs that are not like those of before are told of, and asked for once."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from lakeloop import names
from lakeloop.adapters.captures import S3Captures
from lakeloop.adapters.feedback import S3Labels
from lakeloop.adapters.sagemaker import SageMakerServed
from lakeloop.adapters.tuning import SageMakerJobs
from lakeloop.capture import ids
from lakeloop.capture.keys import capture_key
from lakeloop.capture.record import Capture
from lakeloop.cli.demo.data import DATASET, prepare
from lakeloop.client.dataset import Dataset
from lakeloop.client.drift import Drift, drift
from lakeloop.client.loop import LoopWatch
from lakeloop.client.table import Table
from lakeloop.deployment.ports import ServedConfig
from lakeloop.feedback.label import Label
from lakeloop.messages import JoinFeedback, WatchPredictions
from lakeloop.monitoring.state import whole
from lakeloop.monitoring.window import Verdict
from lakeloop.training.ports import TuningRun
from tests.e2e.conftest import Deployment
from tests.e2e.test_loop import all_quiet, eventually, ignore, labels_on_main, wake
from tests.e2e.test_new_contracts import changed_contract

pytestmark = pytest.mark.long

ROWS = 110
# The demo's table is small: by default it has no verdict.
LIMITS = "monitor: {min_rows: 100, min_reference_rows: 100}\n"
SHIFT = 15


@pytest.fixture(scope="module")
def dataset(deployment: Deployment) -> Dataset:
    return Dataset(deployment.environment, DATASET)


@pytest.fixture(scope="module")
def served(deployment: Deployment, dataset: Dataset, drops: Path) -> ServedConfig:
    """What answers: the model of the demo, where no test before this one had one made."""
    if dataset.endpoint() is None:
        watch = LoopWatch(deployment.environment, dataset)
        for drop in [dataset.drop(file) for file in prepare(dataset.contract, drops).files]:
            watch.wait_for_rows(drop, ignore)
        tuning = watch.wait_for_tuning(dataset.commits()[0].id, ignore)
        assert isinstance(tuning, TuningRun)
        watch.wait_for_endpoint(tuning.name, ignore)
    state = dataset.endpoint()
    assert state
    found = SageMakerServed(deployment.environment.sagemaker).served(state.config)
    assert found
    return found


@pytest.fixture(scope="module")
def watched(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The contract with limits for a small table; afterwards the shipped one is applied again."""
    changes = {"\nserving:\n": f"\n{LIMITS}\nserving:\n"}
    changed_contract(deployment, tmp_path_factory.mktemp("watched"), changes).apply()
    yield
    deployment.terraform.apply()


def captures(deployment: Deployment, rows: pl.DataFrame, served: ServedConfig, at: datetime) -> list[Capture]:
    """Answers of an hour to rows whose first feature is shifted, kept as capture_predictions keeps them."""
    scope = ids.scope(deployment.environment.outputs.name_prefix, DATASET)
    moments = [at + timedelta(seconds=place) for place in range(rows.height)]
    found = [
        Capture(
            inference_id=ids.make(scope, kept=True, milliseconds=int(moment.timestamp() * 1000)),
            predicted_at=moment,
            dataset=DATASET,
            model=served.model,
            data_commit=served.tags[names.COMMIT_TAG],
            contract=served.tags[names.CONTRACT_TAG],
            input=json.dumps({**row, "sample_id": f"drift-{at:%H}-{place}", "mean_radius": row["mean_radius"] + SHIFT}),
            prediction="benign",
            confidence=0.9,
            probabilities='{"benign":0.9,"malignant":0.1}',
            latency_ms=1.0,
            caller="key",
        )
        for place, (moment, row) in enumerate(zip(moments, rows.to_dicts(), strict=True))
    ]
    bucket = deployment.environment.outputs.captures_bucket
    S3Captures(deployment.environment.s3, bucket).write(capture_key(DATASET, at, ["drift"]), found)
    return found


def asked_by_drift(deployment: Deployment) -> list[str]:
    """The jobs that drift had started."""
    jobs = SageMakerJobs(deployment.environment.sagemaker, deployment.environment.outputs.name_prefix)
    return [run.name for run in jobs.runs(DATASET) if run.tags.get(names.REASON_TAG) == "drift"]


def test_inputs_that_are_not_like_those_of_before_have_the_model_trained_once(
    deployment: Deployment, dataset: Dataset, served: ServedConfig, watched: None
) -> None:
    features = [column.name for column in dataset.contract.features]
    rows = Table(deployment.environment, DATASET, names.MAIN).polars().select(features).head(ROWS)
    hour = whole(datetime.now(UTC)) - timedelta(hours=4)
    kept = [captures(deployment, rows, served, hour + timedelta(hours=after)) for after in range(2)]
    told = kept[0][:3]
    labels = S3Labels(deployment.environment.s3, deployment.environment.outputs.captures_bucket)
    for one in told:
        labels.put(
            Label(
                dataset=DATASET,
                inference_id=one.inference_id,
                label='"malignant"',
                event_time=datetime.now(UTC),
                arrived=datetime.now(UTC),
            )
        )

    wake(deployment, "join_feedback", JoinFeedback())
    keys = {json.loads(one.input)["sample_id"]: "malignant" for one in told}
    eventually("rows on main", lambda: labels_on_main(deployment, keys) == keys)
    for _ in range(2):
        wake(deployment, "monitor", WatchPredictions())

    def known() -> Drift:
        return drift(deployment.environment, DATASET)

    eventually("training to be asked for", lambda: known().was_asked)
    eventually("a job", lambda: asked_by_drift(deployment) != [])
    found = known()
    assert [window.rows for window in found.windows] == [ROWS, ROWS]
    assert {window.verdict for window in found.windows} == {Verdict.DRIFT}
    assert (found.features[0].name, found.features[0].verdict) == ("mean_radius", Verdict.DRIFT)
    assert found.drifts_since == hour
    [job] = asked_by_drift(deployment)
    LoopWatch(deployment.environment, dataset).wait_for_verdict(job, ignore)
    wake(deployment, "monitor", WatchPredictions())
    eventually("all to be handled", lambda: all_quiet(deployment))
    assert asked_by_drift(deployment) == [job]
