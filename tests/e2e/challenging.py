"""A dataset on instances, models of it that are made by hand, and callers who never stop asking."""

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import urllib3

from lakeloop import names
from lakeloop.adapters.objects import S3Objects
from lakeloop.adapters.registry import SageMakerRegistry
from lakeloop.adapters.s3 import S3Artifacts
from lakeloop.cli.demo.data import prepare
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.models import Models
from lakeloop.client.predictions import Feature, PredictionApi
from lakeloop.compiler.build import CONTRACTS
from lakeloop.registry.ports import Approval, ModelVersion, Registration
from tests.asking import THREADS, asking

NAME = "challenged"
SHIPPED = "breast_cancer"
# The shipped contract on instances, with a canary that is watched for five seconds of the local cloud, twice.
CHANGES = {
    f"name: {SHIPPED}": f"name: {NAME}",
    "splits: {train: 0.7, validation: 0.15, test: 0.15}": "splits: {train: 0.5, validation: 0.2, test: 0.3}",
    "  trials: 6\n": "  trials: 1\n",
    "  parallel_trials: 2\n": "  parallel_trials: 1\n",
    "  min_new_rows: 300": "  min_new_rows: 100",
    "  serverless: {memory_mb: 2048, max_concurrency: 5}": (
        "  instances: {instance_type: ml.m5.large, count: 2}\n"
        "  traffic: {routing: canary, percent: 50, bake_minutes: 5}"
    ),
}
# No split of a tree gains so much, so that the answer is always the same.
LEARNS_NOTHING = {"gamma": "1000000000", "num_round": "1"}


def contract_text() -> str:
    text = (CONTRACTS / f"{SHIPPED}.yaml").read_text()
    for old, new in CHANGES.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def rows_in_one_file(dataset: Dataset, folder: Path) -> Path:
    """All rows that the demo drops in two files."""
    first, second = prepare(dataset.contract, folder).files
    whole = folder / "whole.csv"
    shutil.copy(first, whole)
    with whole.open("a") as out:
        out.writelines(second.read_text().splitlines(keepends=True)[1:])
    return whole


@dataclass
class Callers:
    """Ask for one row, and keep what they are told."""

    environment: Environment
    features: Mapping[str, Feature]
    answers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    seconds: float = 0.0

    @contextmanager
    def asking(self) -> Iterator[None]:
        http = urllib3.PoolManager(maxsize=THREADS, retries=False, timeout=30)
        begun = time.monotonic()
        with asking(lambda: self.answers.append(self._answer(http))):
            yield
        self.seconds = time.monotonic() - begun

    @property
    def failed(self) -> list[tuple[int, dict[str, Any]]]:
        return [answer for answer in self.answers if answer[0] != 200]

    @property
    def models(self) -> list[str]:
        """By which they were answered, in the order in which each was named first."""
        return list(dict.fromkeys(body["model"] for _, body in self.answers))

    def told_by(self, model: str) -> set[float]:
        """The confidences of answers that this model alone may have given."""
        return {body["confidence"] for _, body in self.answers if body["model"] == model and "candidate" not in body}

    def __str__(self) -> str:
        rate = len(self.answers) / self.seconds
        return f"{len(self.answers)} requests, {len(self.failed)} failed, {self.seconds:.0f} s, {rate:.1f} a second"

    def _answer(self, http: urllib3.PoolManager) -> tuple[int, dict[str, Any]]:
        try:
            response = http.request(
                "POST",
                f"{self.environment.api_base_url}/datasets/{NAME}/predictions",
                headers={"x-api-key": self.environment.api_key},
                json={"features": self.features},
            )
            return response.status, response.json()
        except urllib3.exceptions.HTTPError as error:
            return 0, {"error": str(error)}


@dataclass(frozen=True)
class Challenged:
    """The dataset on the deployed loop."""

    environment: Environment
    dataset: Dataset
    features: Mapping[str, Feature]

    @property
    def models(self) -> Models:
        return Models(self.environment, self.dataset)

    @property
    def served(self) -> int | None:
        """The version that answers, once no update is under way."""
        models = self.models
        if models.endpoint is None or models.endpoint.status != "InService":
            return None
        return next((found.version for found in models.versions if found.arn == models.serving), None)

    def version(self, number: int) -> ModelVersion:
        return self.models.find(number)

    def callers(self) -> Callers:
        return Callers(self.environment, self.features)

    def ask(self) -> str:
        """The model that answers one request."""
        api = PredictionApi(self.environment.api_base_url, self.environment.api_key)
        return api.predict(NAME, self.features).prediction.named

    def trained_again(self, of: str, decision: str, hyperparameters: Mapping[str, str]) -> str:
        """A job as one of before, with other hyperparameters: what start_tuning made, as a person would vary it."""
        sagemaker, outputs = self.environment.sagemaker, self.environment.outputs
        made = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=of)
        tags = sagemaker.list_tags(ResourceArn=made["HyperParameterTuningJobArn"])["Tags"]
        name = names.tuning_job(outputs.name_prefix, NAME, self.dataset.commits()[0].id, "by hand", decision)
        definition: Any = made["TrainingJobDefinition"]
        static = {key: value for key, value in definition["StaticHyperParameters"].items() if key[0] != "_"}
        definition["StaticHyperParameters"] = {**static, **hyperparameters}
        # A job of a built-in image is described with its metrics and may not be given any.
        del definition["AlgorithmSpecification"]["MetricDefinitions"]
        sagemaker.create_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name,
            HyperParameterTuningJobConfig=made["HyperParameterTuningJobConfig"],
            TrainingJobDefinition=definition,
            Tags=tags,
        )
        return name

    def register(
        self,
        like: ModelVersion,
        what: str,
        artifact: bytes | None = None,
        told: Mapping[str, str] = MappingProxyType({}),
    ) -> int:
        """Another version with the artifact of one, or with its own, that waits for a person; its number."""
        key = f"{names.training_folder(NAME)}by-hand/{what}/output/model.tar.gz"
        s3, bucket = self.environment.s3, self.environment.outputs.artifacts_bucket
        body = S3Objects(s3).read(like.artifact) if artifact is None else artifact
        assert body
        registration = Registration(
            group=like.group,
            token=what,
            approval=Approval.PENDING,
            why=what,
            artifact=S3Artifacts(s3, bucket).put(key, body),
            image=like.image,
            evaluation=like.evaluation,
            metadata={**like.metadata, **told},
            tags={},
        )
        return SageMakerRegistry(self.environment.sagemaker).register(registration).version
