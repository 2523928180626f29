"""The notebooks run top to bottom, as `make notebooks` has it, on rows and a model that the loop made."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lakeloop.cli.demo.data import DATASET, prepare
from lakeloop.client.dataset import Dataset
from lakeloop.client.loop import LoopWatch
from lakeloop.training.ports import TuningRun
from tests.data import ROOT
from tests.e2e.conftest import Deployment

pytestmark = pytest.mark.long

NOTEBOOKS = ("explore", "train_by_hand")
ENVIRONMENT = Path(".local") / "venvs" / "notebooks"


def ignore(_text: str) -> None:
    pass


@pytest.fixture(scope="module")
def served(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The dataset with its files on main, and a model that answers."""
    dataset = Dataset(deployment.environment, DATASET)
    watch = LoopWatch(deployment.environment, dataset)
    drops = [dataset.drop(file) for file in prepare(dataset.contract, tmp_path_factory.mktemp("tumours")).files]
    rows = [watch.wait_for_rows(drop, ignore) for drop in drops]
    tuning = watch.wait_for_tuning(rows[-1].commit, ignore)
    assert isinstance(tuning, TuningRun)
    watch.wait_for_endpoint(tuning.name, ignore)
    return dataset


@pytest.fixture(scope="module")
def executed(served: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    subprocess.run(
        ["make", "--silent", "--old-file=.venv/installed", str(ENVIRONMENT / "installed")], cwd=ROOT, check=True
    )
    into = tmp_path_factory.mktemp("executed")
    python, sources = ROOT / ENVIRONMENT / "bin" / "python", [f"notebooks/{name}.ipynb" for name in NOTEBOOKS]
    run = subprocess.run(
        [python, "-W", "ignore", "notebooks/execute.py", *sources, "--into", into],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "layers"), "LAKELOOP_INFRA": str(ROOT / "infra")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-4000:]
    return into


def cells(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]


def pictures(path: Path) -> int:
    return sum("image/png" in out.get("data", {}) for cell in cells(path) for out in cell["outputs"])


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_to_its_end_and_ships_as_it_ran(executed: Path, name: str) -> None:
    ran, shipped = executed / f"{name}.ipynb", ROOT / "notebooks" / f"{name}.ipynb"

    assert [cell["source"] for cell in cells(ran)] == [cell["source"] for cell in cells(shipped)]
    assert pictures(ran) == pictures(shipped) > 0
    assert all(cell["execution_count"] for cell in cells(shipped))


def test_nothing_is_left_behind_of_a_model_made_by_hand(executed: Path, deployment: Deployment) -> None:
    sagemaker = deployment.environment.sagemaker

    assert sagemaker.list_endpoints(NameContains="by-hand")["Endpoints"] == []
    assert sagemaker.list_models(NameContains="by-hand")["Models"] == []
