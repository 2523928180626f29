"""A registry, an endpoint and tuning jobs in memory, behind the classes of the command."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from lakeloop import names
from lakeloop.client import bad_models, endpoints, models, pruning, tracing
from lakeloop.deployment.ports import EndpointState, ServedConfig
from lakeloop.errors import TransientError
from lakeloop.registry.ports import Approval, ModelVersion
from lakeloop.training.ports import TuningRun
from tests.fakes import MemoryRegistry
from tests.unit.client.deployed import OUTPUTS

PREFIX = str(OUTPUTS["name_prefix"])
GROUP = "lakeloop-test-breast-cancer"
NOW = datetime(2026, 11, 27, tzinfo=UTC)
OURS = {names.ENVIRONMENT_TAG: PREFIX, names.DATASET_TAG: "breast_cancer"}


@dataclass
class Registered:
    """Versions, what serves, jobs; `stopped` are jobs that were told to stop.

    An endpoint cannot be deleted so many times as it is `busy`; where one serves, those that are `there` do.
    """

    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    serving: str = ""
    runs_: list[TuningRun] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    busy: int = 0
    there: list[str] = field(default_factory=lambda: [GROUP])

    def add(self, version: ModelVersion) -> ModelVersion:
        self.registry.packages[version.arn] = version
        return version

    def endpoint(self, name: str) -> EndpointState | None:
        return EndpointState(name, "InService", "config", "", OURS) if self.serving and name in self.there else None

    def served(self, config: str) -> ServedConfig | None:
        return ServedConfig(config, "model", {**OURS, names.MODEL_PACKAGE_TAG: self.serving})

    def delete_endpoint(self, name: str) -> None:
        if self.busy:
            self.busy -= 1
            raise TransientError("Cannot update in-progress endpoint")
        self.deleted.append(name)

    def runs(self, dataset: str) -> Iterator[TuningRun]:
        yield from self.runs_

    def run(self, name: str) -> TuningRun | None:
        return next((run for run in self.runs_ if run.name == name), None)

    @property
    def said(self) -> dict[int, tuple[Approval, str]]:
        """What the registry says of each version."""
        return {found.version: (found.approval, found.why) for found in self.registry.packages.values()}


def registered(monkeypatch: pytest.MonkeyPatch) -> Registered:
    """What the command finds in SageMaker from now on."""
    made = Registered()
    for module in (models, pruning):
        monkeypatch.setattr(module, "SageMakerRegistry", lambda _: made.registry)
    for module in (models, pruning):
        monkeypatch.setattr(module, "SageMakerModels", lambda *_: made)
    monkeypatch.setattr(endpoints, "SageMakerHosting", lambda _: made)
    for module in (bad_models, tracing):
        monkeypatch.setattr(module, "SageMakerTuner", lambda *_: made)
    monkeypatch.setattr(bad_models, "stop", lambda _, **job: made.stopped.extend(job.values()))
    return made


def version(
    number: int, commit: str = "c1", approval: Approval = Approval.APPROVED, why: str = "better", **metadata: str
) -> ModelVersion:
    return ModelVersion(
        arn=f"arn:aws:sagemaker:us-east-1:123456789012:model-package/{GROUP}/{number}",
        group=GROUP,
        version=number,
        approval=approval,
        why=why,
        artifact=f"s3://artifacts/training/breast_cancer/job-{number}/job-{number}-001/output/model.tar.gz",
        image="image",
        created=NOW,
        changed=NOW,
        metadata={
            "data_commit": commit,
            "tuning_job": f"job-{number}",
            "metric": "auc",
            "value": f"0.9{number}",
            **metadata,
        },
    )
