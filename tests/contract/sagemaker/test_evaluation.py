"""The whole of evaluate_model on SageMaker, or the local one: real transforms of real models, read from S3."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest
import xgboost

from lakeloop import names
from lakeloop.adapters.registry import SageMakerRegistry
from lakeloop.adapters.s3 import S3Evaluations
from lakeloop.adapters.sagemaker import SageMakerModels
from lakeloop.adapters.transforms import SageMakerTransforms
from lakeloop.client.own_models import archived
from lakeloop.evaluation.service import EvaluationService
from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval
from tests.contract.sagemaker.cloud import Cloud
from tests.contract.sagemaker.examples import IMAGE
from tests.contract.sagemaker.jobs import ended_transform
from tests.data import tiny
from tests.fakes import MemoryContracts
from tests.unit.lakeloop.deployments import OWNER
from tests.unit.lakeloop.evaluations import Evaluations, table, transform_event, tuning_event

PROBLEMS = {
    "binary": ("binary:logistic", {}, "yes"),
    "multiclass": ("multi:softprob", {"num_class": 2}, None),
}


def trained_on(rows: Sequence[str], objective: str, more: dict[str, Any], order: Sequence[str]) -> xgboost.Booster:
    cells = [row.split(",") for row in rows]
    features = np.array([[float(f), float(i), 1.0 + "ab".index(c), np.nan] for _, _, f, i, c, _ in cells])
    labels = [float(order.index(row[1])) for row in cells]
    parameters = {"objective": objective, "max_depth": 3, "nthread": 1, **more}
    return xgboost.train(parameters, xgboost.DMatrix(features, labels), num_boost_round=5)


def put(cloud: Cloud, key: str, booster: xgboost.Booster) -> str:
    return cloud.put(key, archived(bytes(booster.save_raw("ubj"))))


class OnSageMaker(Evaluations):
    """Transforms, models, versions and what is written are real; the lake and the tuning job are not."""

    cloud: Cloud

    def service(self) -> EvaluationService:
        return EvaluationService(
            contracts=MemoryContracts(self.today),
            model_contracts=self.model_contracts,
            lake=self.world.lake,
            candidates=self.candidates,
            models=SageMakerModels(self.cloud.sagemaker),
            transforms=SageMakerTransforms(self.cloud.sagemaker),
            registry=SageMakerRegistry(self.cloud.sagemaker),
            evaluations=S3Evaluations(self.cloud.s3, self.cloud.bucket),
            reports=self.reports,
            name_prefix=OWNER,
            image=IMAGE,
            role_arn=self.cloud.role,
            kms_key_arn="arn:aws:kms:us-east-1:000000000000:key/00000000-0000-0000-0000-000000000000",
            git_sha="abc",
        )


@pytest.fixture(params=PROBLEMS)
def judged(request: pytest.FixtureRequest, cloud: Cloud) -> tuple[OnSageMaker, xgboost.Booster, str]:
    objective, more, positive = PROBLEMS[request.param]
    name = f"{request.param}_{cloud.prefix}"
    contract = tiny(
        name=name,
        problem=request.param,
        positive_class=positive,
        splits={"train": 0.2, "validation": 0.2, "test": 0.6},
        training={**tiny().training.model_dump(), "metric": "auc" if positive else "mlogloss"},
    )
    loop = OnSageMaker(contract)
    loop.cloud = cloud
    rows = table(400, seed=0)
    loop.drop("first.csv", rows)
    booster = trained_on(rows, objective, more, contract.classes)
    job = names.tuning_job(OWNER, name, cloud.prefix, "training", "1")
    loop.trained(lambda _: [], job)
    model = loop.candidates.models[job]
    artifact = put(cloud, f"training/{name}/{job}/model.tar.gz", booster)
    tags = {**model.tags, names.DATASET_TAG: name, names.REPOSITORY_TAG: names.repository(OWNER, name)}
    loop.candidates.models[job] = type(model)(**{**vars(model), "artifact": artifact, "tags": tags})
    return loop, booster, job


def test_scores_are_those_of_the_model_in_this_process_and_the_version_is_registered(
    judged: tuple[OnSageMaker, xgboost.Booster, str],
) -> None:
    loop, booster, job = judged
    loop.handle(tuning_event(job))
    [transform] = [
        found["TransformJobName"]
        for found in loop.cloud.sagemaker.list_transform_jobs(NameContains=job)["TransformJobSummaries"]
    ]
    ended = ended_transform(loop.cloud, transform)
    assert ended["TransformJobStatus"] == "Completed", ended.get("FailureReason")
    for _ in range(2):
        loop.handle(transform_event(transform))

    group = names.endpoint(OWNER, loop.contract.name)
    [version] = SageMakerRegistry(loop.cloud.sagemaker).versions(group)
    assert version.approval is Approval.APPROVED, version.why
    assert version.metadata[lineage.TUNING_JOB] == job
    folder = names.evaluation_key(loop.contract.name, job)
    kept = pl.read_parquet(loop.cloud.get(f"s3://{loop.cloud.bucket}/{folder}/scores.parquet"))
    [inputs] = [key for key in loop.cloud.keys(f"evaluations/{loop.contract.name}/rows/") if key.endswith(".csv")]
    written = loop.cloud.get(f"s3://{loop.cloud.bucket}/{inputs}").decode().splitlines()
    cells = np.array([[float(cell) for cell in line.split(",")] for line in written])
    expected = booster.predict(xgboost.DMatrix(cells))
    scored = kept.select(pl.col("^score.*$")).to_numpy()
    assert len(scored) == len(expected) >= 50
    np.testing.assert_allclose(scored, expected.reshape(scored.shape), atol=1e-6)
    page = loop.cloud.get(names.report_beside(version.evaluation)).decode()
    assert version.why.split(";", maxsplit=1)[0].split(":", maxsplit=1)[0] in page
