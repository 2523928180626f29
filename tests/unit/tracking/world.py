"""A tuning job that ended, its model versions and an endpoint in memory, recorded into MLflow's fake."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

from lakeloop import names
from lakeloop.adapters.mlflow import MlflowTracker
from lakeloop.adapters.mlflow_calls import MlflowCalls
from lakeloop.adapters.mlflow_models import MlflowCatalog
from lakeloop.client.own_models import archived
from lakeloop.contract.digest import contract_digest
from lakeloop.deployment.ports import EndpointState
from lakeloop.messages import Message
from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval, ModelVersion, Registration
from lakeloop.tracking.jobs import Trial, TuningJob
from lakeloop.tracking.ports import Point, milliseconds
from lakeloop.tracking.service import TrackingService
from tests.data import tiny
from tests.fakes import MemoryContracts, MemoryHosting, MemoryLeases, MemoryModelContracts, MemoryRegistry, message

PREFIX = "lakeloop-dev"
DATASET = "tiny"
GROUP = "lakeloop-dev-tiny"
JOB = "lakeloop-dev-0123456789ab"
COMMIT = "c0ffee" * 10 + "c0ff"
BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONTRACT = tiny()
ARN = "arn:aws:sagemaker:us-east-1:123456789012"


def a_trial(number: int, **changes: object) -> Trial:
    name = f"{JOB}-{number:03d}"
    began = BEGAN + timedelta(minutes=number)
    at = milliseconds(began)
    described: dict[str, object] = {
        "name": name,
        "arn": f"{ARN}:training-job/{name}",
        "status": "Completed",
        "created": began,
        "started": began,
        "ended": began + timedelta(seconds=40),
        "failure": "",
        "tuned": ("eta",),
        "parameters": {"eta": f"0.{number}", "num_round": "3"},
        "objective": 0.9 + number / 100,
        "metrics": {"validation-auc": 0.9 + number / 100},
        "seconds": 40,
        "billable_seconds": 30,
        "rounds": tuple(Point("validation-auc", 0.9 + step / 100, step, at + step) for step in range(number + 1)),
    }
    return Trial(**{**described, **changes})  # type: ignore[arg-type]


def a_job(**changes: object) -> TuningJob:
    described: dict[str, object] = {
        "name": JOB,
        "arn": f"{ARN}:hyper-parameter-tuning-job/{JOB}",
        "status": "Completed",
        "created": BEGAN,
        "ended": BEGAN + timedelta(minutes=5),
        "failure": "",
        "objective": "validation:auc",
        "direction": "Maximize",
        "strategy": "Bayesian",
        "most_trials": 2,
        "parallel_trials": 1,
        "ranges": {"eta": "0.1 to 0.5, Auto"},
        "image": "xgboost:3.0-5",
        "instance": "ml.m5.large",
        "best": f"{JOB}-002",
        "counts": {"Completed": 2},
        "tags": {
            names.ENVIRONMENT_TAG: PREFIX,
            names.DATASET_TAG: DATASET,
            names.REPOSITORY_TAG: GROUP,
            names.COMMIT_TAG: COMMIT,
            names.CONTRACT_TAG: contract_digest(CONTRACT),
            names.GIT_SHA_TAG: "0a1b2c",
        },
    }
    return TuningJob(**{**described, **changes})  # type: ignore[arg-type]


@dataclass
class MemoryJobs:
    jobs: dict[str, TuningJob]
    all_trials: Sequence[Trial]
    links: dict[str, str] = field(default_factory=dict)
    asked: int = 0

    def job(self, name: str) -> TuningJob | None:
        return self.jobs.get(name)

    def trials(self, job: TuningJob) -> Sequence[Trial]:
        self.asked += 1
        return self.all_trials

    def link(self, trial: str, address: str) -> None:
        self.links[trial] = address


@dataclass
class MemoryObjects:
    files: dict[str, bytes] = field(default_factory=dict)

    def read(self, uri: str) -> bytes | None:
        return self.files.get(uri)

    def below(self, uri: str) -> Iterator[str]:
        return (address for address in self.files if address.startswith(uri))


@dataclass
class TrackingWorld:
    uri: str
    jobs: MemoryJobs = field(default_factory=lambda: MemoryJobs({JOB: a_job()}, (a_trial(1), a_trial(2))))
    hosting: MemoryHosting = field(default_factory=MemoryHosting)
    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    objects: MemoryObjects = field(default_factory=MemoryObjects)
    contracts: MemoryContracts = field(default_factory=lambda: MemoryContracts(CONTRACT))
    leases: MemoryLeases = field(default_factory=MemoryLeases)

    @cached_property
    def service(self) -> TrackingService:
        return self.another()

    @cached_property
    def tracker(self) -> MlflowTracker:
        return MlflowTracker(MlflowCalls(self.uri, lambda: None), PREFIX)

    @cached_property
    def catalog(self) -> MlflowCatalog:
        return MlflowCatalog(MlflowCalls(self.uri, lambda: None), self.tracker, PREFIX, lambda: BEGAN)

    def serve(self, arn: str, status: str = "InService") -> None:
        """Have the endpoint's config be made of a version."""
        self.hosting.made["config"] = {names.MODEL_PACKAGE_TAG: arn}
        self.hosting.endpoints[GROUP] = EndpointState(GROUP, status, "config", "", {})

    def another(self) -> TrackingService:
        """The same function, run by another process."""
        return TrackingService(
            jobs=self.jobs,
            contracts=self.contracts,
            served=self.hosting,
            packages=self.registry,
            model_contracts=MemoryModelContracts({contract_digest(CONTRACT): CONTRACT}),
            objects=self.objects,
            tracker=self.tracker,
            catalog=self.catalog,
            leases=self.leases,
            name_prefix=PREFIX,
        )

    def register(self, approval: Approval = Approval.APPROVED, name: str = "model-1") -> ModelVersion:
        folder = f"s3://artifacts/evaluations/tiny/models/{name}"
        self.objects.files |= {
            f"{folder}/evaluation.json": json.dumps(EVALUATION).encode(),
            f"{folder}/report.html": b"<h1>report</h1>",
            f"{folder}/scores.parquet": b"rows",
            "s3://artifacts/training/model.tar.gz": archived(b"booster"),
        }
        return self.registry.register(
            Registration(
                group=GROUP,
                token=name,
                approval=approval,
                why="better by 2 %",
                artifact="s3://artifacts/training/model.tar.gz",
                image="xgboost",
                evaluation=f"{folder}/evaluation.json",
                metadata={
                    lineage.DATASET: DATASET,
                    lineage.REPOSITORY: GROUP,
                    lineage.DATA_COMMIT: COMMIT,
                    lineage.CONTRACT: contract_digest(CONTRACT),
                    lineage.TUNING_JOB: JOB,
                    lineage.TRAINING_JOB: f"{JOB}-002",
                    lineage.METRIC: "validation:auc",
                },
                tags={},
            )
        )


EVALUATION = {
    "approval": "Approved",
    "reasons": ["better by 2 %"],
    "verdict": {
        "metrics": {
            "auc": {"challenger": {"value": 0.97}, "champion": {"value": 0.95}},
            "logloss": {"challenger": {"value": 0.2}, "champion": {"value": None, "insufficient": "no champion"}},
        }
    },
}


def tuning_ended(id_: str = "m1", name: str = JOB) -> Message:
    detail = {"HyperParameterTuningJobName": name, "HyperParameterTuningJobStatus": "Completed"}
    return message({"detail-type": "SageMaker HyperParameter Tuning Job State Change", "detail": detail}, id_)


def version_changed(id_: str = "m2") -> Message:
    detail = {"ModelPackageGroupName": GROUP, "ModelPackageVersion": 1, "ModelApprovalStatus": "Approved"}
    return message({"detail-type": "SageMaker Model Package State Change", "detail": detail}, id_)


def endpoint_changed(id_: str = "m3") -> Message:
    detail = {"EndpointName": GROUP, "EndpointStatus": "IN_SERVICE"}
    return message({"detail-type": "SageMaker Endpoint State Change", "detail": detail}, id_)
