"""The flow in flows/ from a commit to a judged model: broken off, resumed, repeated and deployed."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lakeloop import names
from lakeloop.adapters.registry import SageMakerPackages
from lakeloop.cli.demo.data import DATASET, prepare
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.loop import LoopWatch
from lakeloop.client.predictions import PredictionApi, features_of_row
from lakeloop.registry.ports import Approval, ModelVersion
from tests.data import ROOT
from tests.e2e.conftest import Deployment
from tests.e2e.test_loop import ignore
from tests.e2e.test_new_contracts import changed_contract

pytestmark = pytest.mark.long

VENV = Path(".local") / "venvs" / "flows"
SETTINGS = '[{"eta": 0.1, "num_round": 20}, {"eta": 0.4, "num_round": 20}]'
NEVER = {"min_new_rows: 300": "min_new_rows: 1000000"}
DRAWN = ("start", "train", "choose", "evaluate")
# A machine that goes away as this step begins.
OUTAGE = "import os, sys\nif {'step', 'evaluate'} <= set(sys.orig_argv):\n    os._exit(1)\n"
# What a run left behind, as Metaflow's own client reads it.
LEFT = """
import json, sys, metaflow, metaflow.cards
metaflow.namespace(None)
run = metaflow.Run("TrainFlow/" + open(sys.argv[1]).read())
data = run.data
print(json.dumps({
    "name": data.search, "commit": data.commit, "best": data.best, "version": data.version, "endpoint": data.endpoint,
    "values": [trial.value for trial in data.trials], "metrics": data.evaluation["verdict"]["metrics"],
    "cards": {name: [len(metaflow.cards.get_cards(task)) for task in run[name]] for name in sys.argv[2:]},
}))
"""


@dataclass(frozen=True)
class Flow:
    """`flows/train.py` in its environment, its artifacts in the emulated S3."""

    environment: Environment
    folder: Path

    def call(self, *arguments: str, path: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        bucket = self.environment.outputs.artifacts_bucket
        told = {
            "PYTHONPATH": ":".join(str(part) for part in (path, ROOT / "layers") if part),
            "LAKELOOP_INFRA": str(ROOT / "infra"),
            "METAFLOW_USER": "tester",
            "METAFLOW_HOME": str(self.folder),
            "METAFLOW_DEFAULT_DATASTORE": "s3",
            "METAFLOW_DATASTORE_SYSROOT_S3": f"s3://{bucket}/metaflow",
            "METAFLOW_DATASTORE_SYSROOT_LOCAL": str(self.folder),
            "METAFLOW_S3_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"],
            **variables,
        }
        return subprocess.run(
            [ROOT / VENV / "bin" / "python", *arguments],
            cwd=ROOT,
            env={**os.environ, **told},
            capture_output=True,
            text=True,
            check=False,
        )

    def run(self, *arguments: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
        return self.call("flows/train.py", *arguments, "--run-id-file", str(self.folder / "run"), path=path)

    def left(self) -> dict[str, Any]:
        """Of the last run."""
        done = self.call("-c", LEFT, str(self.folder / "run"), *DRAWN)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found


@pytest.fixture(scope="module")
def dataset(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dataset]:
    """With rows on main, and no model: the loop itself waits for more of them."""
    changed_contract(deployment, tmp_path_factory.mktemp("never"), NEVER).apply()
    environment = Environment.current()
    found = Dataset(environment, DATASET)
    watch = LoopWatch(environment, found)
    for file in prepare(found.contract, tmp_path_factory.mktemp("tumours")).files:
        watch.wait_for_rows(found.drop(file), ignore)
    yield found
    deployment.terraform.apply()


@pytest.fixture(scope="module")
def flow(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Flow:
    subprocess.run(["make", "--silent", "--old-file=.venv/installed", str(VENV / "installed")], cwd=ROOT, check=True)
    return Flow(Environment.current(), tmp_path_factory.mktemp("metaflow"))


@pytest.fixture(scope="module")
def resumed(flow: Flow, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """A run that ended in the middle of nothing, and what its resumption left."""
    path = tmp_path_factory.mktemp("outage")
    (path / "sitecustomize.py").write_text(OUTAGE)
    broken = flow.run("run", "--settings", SETTINGS, path=path)
    assert broken.returncode != 0
    assert versions(flow) == []
    done = flow.run("resume")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return flow.left()


def versions(flow: Flow) -> list[ModelVersion]:
    outputs = flow.environment.outputs
    return list(SageMakerPackages(flow.environment.sagemaker).versions(names.endpoint(outputs.name_prefix, DATASET)))


def test_a_resumed_flow_ends_with_a_version_that_the_gate_has_judged(
    flow: Flow, dataset: Dataset, resumed: Mapping[str, Any]
) -> None:
    [version] = versions(flow)

    assert version.approval is Approval.PENDING
    assert version.why.startswith("its program was told not to deploy it; ")
    assert version.metadata["tuning_job"] == resumed["name"]
    assert version.metadata["data_commit"] == resumed["commit"] == dataset.commits()[0].id
    assert resumed["metrics"]["auc"]["challenger"]["value"] > 0.9
    assert resumed["cards"] == {name: [1] * (2 if name == "train" else 1) for name in DRAWN}


def test_the_same_commit_and_settings_give_the_same_metrics_and_what_is_approved_is_served(
    flow: Flow, dataset: Dataset, resumed: Mapping[str, Any], tmp_path: Path
) -> None:
    done = flow.run("run", "--settings", SETTINGS, "--at", resumed["commit"], "--deploy", "True")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    again = flow.left()

    assert again["name"] != resumed["name"]
    assert (again["values"], again["best"]) == (resumed["values"], resumed["best"])
    assert again["metrics"] == resumed["metrics"]
    assert again["endpoint"] == dataset.endpoint_name
    api = PredictionApi(flow.environment.api_base_url, flow.environment.api_key)
    row = prepare(dataset.contract, tmp_path).held_out[0]
    answer = api.predict(DATASET, features_of_row(dataset.contract, row)).prediction
    assert answer.prediction == row["diagnosis"]


def test_settings_that_the_contract_says_are_refused_before_anything_is_trained(flow: Flow) -> None:
    done = flow.run("run", "--settings", '[{"objective": "binary:hinge"}]')

    assert done.returncode != 0
    assert "settings 1 name objective, which the contract says" in done.stdout + done.stderr
