"""A model that MLflow loads answers rows as the prediction API does."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xgboost

from lakeloop.adapters.mlflow import MlflowTracker
from lakeloop.adapters.mlflow_calls import MlflowCalls
from lakeloop.adapters.mlflow_models import MlflowCatalog
from lakeloop.cli.demo.data import tumours, write
from lakeloop.compiler.judge import judge
from lakeloop.contract import DatasetContract
from lakeloop.ingest.features import features_frame
from lakeloop.local.sagemaker.containers.xgboost.serve import encoded, parse_csv
from lakeloop.serving.prediction import interpret
from lakeloop.tracking.packing import packed
from lakeloop.tracking.ports import Alias, Version
from lakeloop.training.tuning_job import OBJECTIVE_OF_PROBLEM
from lakeloop.values.codes import FeatureEncoder
from tests.contract.tracking.examples import JOB, experiment, tuning
from tests.contract.tracking.servers import RealMlflow
from tests.data import ROOT, breast_cancer
from tests.lake_content import rows_on_main
from tests.unit.serving.asking import csv_of
from tests.world import World

pytestmark = pytest.mark.long

EXAMPLES = sorted(path.stem for path in (ROOT / "datasets" / "examples").glob("*.yaml"))
MOST_ROWS = 200
Answer = dict[str, Any]


@dataclass(frozen=True)
class Learned:
    """A model of a dataset, the rows to ask it for, and where MLflow shows it."""

    contract: DatasetContract
    booster: xgboost.Booster
    rows: pl.DataFrame
    uri: str


def example(name: str, folder: Path) -> tuple[DatasetContract, bytes]:
    if name == "breast_cancer":
        contract = breast_cancer()
        header = [column.name for column in contract.columns]
        write(folder / "tumours.csv", header, tumours(header))
        return contract, (folder / "tumours.csv").read_bytes()
    path = ROOT / "datasets" / "examples" / name
    verdict = judge(f"{name}.yaml", path.with_suffix(".yaml").read_bytes())
    assert verdict.contract, verdict.problems
    return verdict.contract, path.with_suffix(".csv").read_bytes()


def learned(name: str, folder: Path, real: RealMlflow) -> Learned:
    contract, body = example(name, folder)
    world = World(contract)
    assert not world.service.handle([world.drop("rows.csv", body)])
    rows = rows_on_main(world.lake)
    features = features_frame(contract, rows).to_numpy()
    objective: dict[str, Any] = {"objective": OBJECTIVE_OF_PROBLEM[contract.task], "max_depth": 4}
    if contract.problem == "multiclass":
        objective["num_class"] = len(contract.classes)
    booster = xgboost.train(objective, xgboost.DMatrix(features[:, 1:], label=features[:, 0]), num_boost_round=8)
    return Learned(contract, booster, rows.head(MOST_ROWS), published(contract, booster, real))


def published(contract: DatasetContract, booster: xgboost.Booster, real: RealMlflow) -> str:
    calls, name = MlflowCalls(real.uri, lambda: None), experiment()
    tracker = MlflowTracker(calls, "lakeloop-dev")
    tracker.record(name, tuning(1))
    catalog = MlflowCatalog(calls, tracker, "lakeloop-dev")
    model = bytes(booster.save_raw())
    number = catalog.add(name, Version("arn:1", f"{JOB}-001", "", {}), lambda: packed(contract, model))
    catalog.point(name, Alias.CHAMPION, number)
    return f"models:/{name}@champion"


@pytest.fixture(scope="module")
def models(real: RealMlflow, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Learned]:
    folder = tmp_path_factory.mktemp("models")
    return {name: learned(name, folder, real) for name in ("breast_cancer", *EXAMPLES)}


@pytest.fixture(scope="module")
def told(
    models: dict[str, Learned], real: RealMlflow, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """What MLflow says of each model, in one process of its own, where lakeloop is not installed."""
    folder, asked = tmp_path_factory.mktemp("rows"), {}
    for name, model in models.items():
        model.rows.write_parquet(folder / f"{name}.parquet")
        asked[model.uri] = str(folder / f"{name}.parquet")
    done = subprocess.run(
        [str(real.python), str(Path(__file__).with_name("load_model.py"))],
        input=json.dumps(asked),
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "MLFLOW_TRACKING_URI": real.uri},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    return {name: answers[model.uri] for name, model in models.items()}


def api_answer(model: Learned, row: Mapping[str, Any]) -> Answer:
    """What a caller of the API gets for a row, through the stand-in of the container."""
    wanted = FeatureEncoder(model.contract).columns
    features = {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
    body = json.dumps({"features": {name: features[name] for name in wanted}})
    scores = model.booster.predict(xgboost.DMatrix(parse_csv(csv_of(body, model.contract))), validate_features=False)
    (found,) = interpret(encoded(scores, "text/csv").decode(), model.contract)
    confidence = {} if found.confidence is None else {"confidence": found.confidence}
    named = {f"probability_{name}": value for name, value in found.probabilities.items()}
    return {"prediction": found.prediction, **confidence, **named}


@pytest.mark.parametrize("name", ["breast_cancer", *EXAMPLES])
def test_mlflow_answers_rows_as_the_api_does(models: dict[str, Learned], told: dict[str, Any], name: str) -> None:
    model = models[name]

    expected = [api_answer(model, row) for row in model.rows.to_dicts()]

    assert len(expected) >= 100
    for found, wanted in zip(told[name]["answers"], expected, strict=True):
        assert found == pytest.approx(wanted, abs=1e-6)


def test_the_signature_is_that_of_the_contract(models: dict[str, Learned], told: dict[str, Any]) -> None:
    inputs = told["penguins"]["inputs"]

    assert list(inputs) == FeatureEncoder(models["penguins"].contract).columns
    assert inputs["flipper_length_mm"] == ["double", False]
    assert inputs["culmen_length_mm"] == ["double", False]
    assert inputs["sample_number"] == ["long", True]
    assert inputs["sex"] == ["string", False]
    assert inputs["clutch_completion"] == ["boolean", True]
