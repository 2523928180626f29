"""evaluate_model with all around it in memory: rows on main, jobs with models, transforms that end when told."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import contract_digest
from lakeloop.deployment.ports import EndpointState, TrainedModel
from lakeloop.deployment.requests import model_request, tags_of_version
from lakeloop.evaluation.service import EvaluationService
from lakeloop.messages import JudgeAgain, Message
from lakeloop.observability import metrics
from lakeloop.registry.ports import ModelVersion
from tests.data import tiny, tiny_csv
from tests.fakes import (
    Crash,
    MemoryCandidates,
    MemoryContracts,
    MemoryHosting,
    MemoryModelContracts,
    MemoryRegistry,
    MemoryReports,
    MemoryTransforms,
    message,
)
from tests.fakes.evaluation import Answers, Cells
from tests.unit.lakeloop.deployments import ENDPOINT, IMAGE, JOB, NEXT_JOB, OWNER, ROLE
from tests.world import World

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
LAST_JOB = "lakeloop-test-000000000003"
KEY_ARN = "arn:aws:kms:us-east-1:000000000000:key/k"
DAY_OF = {JOB: 0, NEXT_JOB: 1, LAST_JOB: 2}


def table(count: int, seed: int, prefix: str = "k") -> list[str]:
    """Rows of `tiny`: the larger f, the likelier yes."""
    draw = random.Random(seed)  # noqa: S311
    rows = []
    for number in range(count):
        f = draw.uniform(0, 10)
        label = "yes" if draw.random() < f / 10 else "no"
        rows.append(f"{prefix}{number},{label},{f:.3f},{number % 7},{'ab'[number % 2]},")
    return rows


def knowing(rows: Sequence[Cells]) -> list[float]:
    """What can be known: f is the first feature."""
    return [float(cells[0]) / 10 for cells in rows]


def guessing(rows: Sequence[Cells]) -> list[float]:
    """Little: f is seen through noise."""
    draw = random.Random(1)  # noqa: S311
    return [min(1.0, max(0.0, 0.3 * float(cells[0]) / 10 + 0.7 * draw.random())) for cells in rows]


def ignorant(rows: Sequence[Cells]) -> list[float]:
    """Nothing."""
    draw = random.Random(2)  # noqa: S311
    return [draw.random() for _ in rows]


class Evaluations:
    """The loop of one dataset, `tiny`."""

    def __init__(self, contract: DatasetContract | None = None, crash: Crash | None = None) -> None:
        self.contract = contract or tiny(splits={"train": 0.2, "validation": 0.2, "test": 0.6})
        self.world = World(self.contract)
        self.crash = crash or Crash()
        self.candidates = MemoryCandidates()
        self.hosting = MemoryHosting(crash=self.crash)
        self.registry = MemoryRegistry(crash=self.crash)
        self.reports = MemoryReports(crash=self.crash)
        self.artifacts = self.world.artifacts
        self.artifacts.crash = self.world.lake.crash = self.crash
        self.transforms = MemoryTransforms(self.artifacts, crash=self.crash)
        self.model_contracts = MemoryModelContracts()
        self.today = self.contract

    def drop(self, name: str, rows: Sequence[str]) -> str:
        """Rows on main; the commit."""
        self.world.service.handle([self.world.drop(name, tiny_csv(*rows), name)])
        metrics.clear_metrics()
        return self.world.lake.head("")

    def trained(self, answers: Answers, job: str = JOB, commit: str = "", status: str = "Completed") -> TrainedModel:
        """A tuning job that ended with a model."""
        digest = contract_digest(self.today)
        self.model_contracts.contracts[digest] = self.today
        model = TrainedModel(
            tuning_job=job,
            status=status,
            training_job=f"{job}-001",
            artifact=f"s3://artifacts/training/{job}/model.tar.gz",
            metric="validation:auc",
            value=0.75,
            created=BEGUN + timedelta(days=DAY_OF.get(job, 0)),
            tags={
                names.ENVIRONMENT_TAG: OWNER,
                names.DATASET_TAG: "tiny",
                names.REPOSITORY_TAG: names.repository(OWNER, "tiny"),
                names.COMMIT_TAG: commit or self.world.lake.head(""),
                names.CONTRACT_TAG: digest,
            },
        )
        self.candidates.models[job] = model
        self.candidates.statuses[job] = (status, "")
        self.transforms.answers[self.model_of(model.artifact)] = answers
        return model

    def model_of(self, artifact: str) -> str:
        return model_request(ENDPOINT, artifact, self.today.serving, image=IMAGE, role_arn=ROLE)["ModelName"]

    def serve(self, version: ModelVersion) -> None:
        """What deploy_model does, at once."""
        config = f"config-{version.version}"
        self.hosting.made[config] = tags_of_version(version, OWNER, "tiny")
        self.hosting.model_of[config] = self.model_of(version.artifact)
        ours = {names.ENVIRONMENT_TAG: OWNER, names.DATASET_TAG: "tiny"}
        self.hosting.endpoints[ENDPOINT] = EndpointState(ENDPOINT, "InService", config, "", ours)

    def service(self) -> EvaluationService:
        return EvaluationService(
            contracts=MemoryContracts(self.today),
            model_contracts=self.model_contracts,
            lake=self.world.lake,
            candidates=self.candidates,
            models=self.hosting,
            transforms=self.transforms,
            registry=self.registry,
            evaluations=self.artifacts,
            reports=self.reports,
            name_prefix=OWNER,
            image=IMAGE,
            role_arn=ROLE,
            kms_key_arn=KEY_ARN,
            git_sha="abc",
        )

    def handle(self, event: Message) -> None:
        self.service().handle(event)

    def evaluate(self, job: str = JOB) -> ModelVersion:
        """All of it: the job ends, its transforms end, each tells so twice."""
        for _ in range(2):
            self.handle(tuning_event(job))
        self.finish(job)
        return self.version(job)

    def finish(self, job: str = JOB) -> None:
        self.transforms.finish()
        for name in [name for name in self.transforms.states if name.startswith(job)] * 2:
            self.handle(transform_event(name))

    def version(self, job: str = JOB) -> ModelVersion:
        [found] = [one for one in self.registry.packages.values() if one.metadata["tuning_job"] == job]
        return found

    def report(self) -> tuple[bool, str]:
        said = self.reports.reports["tiny", "evaluate_model"]
        return said.good, said.why

    def age(self, job: str, days: int) -> None:
        """The job began so many days later."""
        model = self.candidates.models[job]
        self.candidates.models[job] = replace(model, created=model.created + timedelta(days=days))


def tuning_event(job: str = JOB) -> Message:
    detail = {"HyperParameterTuningJobName": job, "HyperParameterTuningJobStatus": "Completed"}
    return message({"detail-type": "SageMaker HyperParameter Tuning Job State Change", "detail": detail})


def transform_event(name: str) -> Message:
    return message({"detail-type": "SageMaker Transform Job State Change", "detail": {"TransformJobName": name}})


def again_message(job: str) -> Message:
    return message(JudgeAgain(dataset="tiny", tuning_job=job).model_dump_json())
