"""The versions of one dataset's model: what they are, and what a person decides about them."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from lakeloop import names
from lakeloop.adapters.objects import S3Objects
from lakeloop.adapters.registry import SageMakerRegistry
from lakeloop.adapters.sagemaker import SageMakerModels
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError, MistakenNameError
from lakeloop.lineage.trace import Endpoint
from lakeloop.registry import lineage
from lakeloop.registry.ports import Approval, ModelVersion
from lakeloop.reports import now
from lakeloop.rollback.model import PRUNED, Exchange, NoSuchVersionError, exchange, why_not
from lakeloop.rollback.models import BAD_DATA

_VERSION = re.compile(r"(?:arn:.*:model-package/)?(?P<group>[^/:]+)(?:/(?P<number>[0-9]{1,6}))?")
SEE_MODELS = "`lakeloop models {}` lists the versions that there are"


@dataclass(frozen=True)
class Listed:
    """One version, as `lakeloop models` shows it; texts are empty where the version does not say."""

    version: int
    approval: str
    why: str
    metric: str
    value: float | None
    data_commit: str
    tuning_job: str
    created: datetime
    decided_by: str
    decided_at: str
    serves: bool
    bad_data: str
    pruned: str
    evaluation: str
    arn: str


def model_named(environment: Environment, text: str) -> tuple[str, int | None] | None:
    """Dataset and number of a version: DATASET/3, or the ARN of its model package; without a number, the newest."""
    outputs = environment.outputs
    datasets = {names.endpoint(outputs.name_prefix, name): name for name in outputs.datasets}
    datasets |= {name: name for name in outputs.datasets}
    found = _VERSION.fullmatch(text)
    if found is None or found["group"] not in datasets:
        return None
    return datasets[found["group"]], int(found["number"]) if found["number"] else None


class Models:
    """Reads and decides; what is decided wakes deploy_model, as it does in SageMaker's console."""

    def __init__(self, environment: Environment, dataset: Dataset) -> None:
        self._environment = environment
        self._dataset = dataset
        self._registry = SageMakerRegistry(environment.sagemaker)
        self._models = SageMakerModels(environment.sagemaker, environment.placements)

    @property
    def group(self) -> str:
        return self._dataset.endpoint_name

    @cached_property
    def versions(self) -> Sequence[ModelVersion]:
        """Newest first, as they were when they were first asked for."""
        return list(self._registry.versions(self.group))

    @cached_property
    def endpoint(self) -> Endpoint | None:
        """What answers requests; None where nothing does."""
        state = self._models.endpoint(self._dataset.endpoint_name)
        if state is None or not state.is_of(self._environment.outputs.name_prefix):
            return None
        served = self._models.served(state.config) if state.config else None
        return Endpoint(state.name, state.status, served.version if served else "")

    @property
    def serving(self) -> str:
        """The ARN of the version that answers; empty where none does."""
        return self.endpoint.version if self.endpoint else ""

    def listed(self) -> list[Listed]:
        return [self.shown(version) for version in self.versions]

    def shown(self, version: ModelVersion) -> Listed:
        return _listed(version, serves=version.arn == self.serving)

    def find(self, number: int) -> ModelVersion:
        found = next((version for version in self.versions if version.version == number), None)
        if found is None:
            raise MistakenNameError(
                f"there is no version {number} of {self._dataset.name}", SEE_MODELS.format(self._dataset.name)
            )
        return found

    def metrics(self, version: ModelVersion) -> dict[str, str]:
        """Its metrics on the test rows of its data, with their intervals; none where its evaluation is not there."""
        verdict = self.evaluation(version.evaluation).get("verdict") or {}
        return {name: _figure(found["challenger"]) for name, found in verdict.get("metrics", {}).items()}

    def evaluation(self, address: str) -> dict[str, Any]:
        """What `evaluate_model` wrote; empty where it is not there."""
        body = S3Objects(self._environment.s3).read(address) if address else None
        found: dict[str, Any] = json.loads(body) if body else {}
        return found

    def approve(self, version: ModelVersion, reason: str, *, force: bool) -> None:
        """Have it served."""
        if PRUNED in version.metadata or (BAD_DATA in version.metadata and not force):
            advice = "approve another" if PRUNED in version.metadata else "approve another, or this one with --force"
            raise AdvisedError(f"version {version.version} is not approved: {why_not(version)}", advice)
        self._decide(version, Approval.APPROVED, "approved", reason)

    def reject(self, version: ModelVersion, reason: str) -> None:
        """Have it never served; one that serves goes by a rollback, which says what takes its place."""
        if version.arn == self.serving:
            raise AdvisedError(
                f"version {version.version} serves: rejected alone, it would go on",
                f"`lakeloop rollback model {self._dataset.name}` puts the one before in its place; "
                f"`lakeloop endpoint off {self._dataset.name}` ends serving",
            )
        self._decide(version, Approval.REJECTED, "rejected", reason)

    def exchange(self, to: int | None) -> Exchange:
        """What a rollback would do."""
        try:
            return exchange(self.versions, self.serving, to)
        except NoSuchVersionError as error:
            raise MistakenNameError(str(error), SEE_MODELS.format(self._dataset.name)) from error

    def carry_out(self, wanted: Exchange, reason: str) -> None:
        """Reject first: cut off in between, nothing changes, and the next rollback goes on from there."""
        for version in wanted.back:
            self._decide(version, Approval.REJECTED, "rolled back", reason)
        self.serve_instead(wanted.to, reason)

    def serve_instead(self, version: ModelVersion, reason: str) -> None:
        """Approve a version in the place of another, which was rejected."""
        self._decide(version, Approval.APPROVED, "rolled back to", reason)

    def flag(self, version: ModelVersion, approval: Approval, commit: str, reason: str) -> None:
        """Mark a version that learned from data that was taken back, of a commit."""
        self._decide(
            version, approval, f"made of data of commit {commit}, which was taken back", reason, {BAD_DATA: commit}
        )

    def _decide(
        self, version: ModelVersion, approval: Approval, what: str, reason: str, more: dict[str, str] | None = None
    ) -> None:
        who, at = self._environment.caller, now().isoformat(timespec="seconds")
        told = {lineage.DECIDED_BY: who, lineage.DECIDED_AT: at, **(more or {})}
        self._registry.decide(version.arn, approval, f"{what} by {who} at {at}: {reason}", told)


def _figure(figure: Mapping[str, Any]) -> str:
    """A metric with its interval."""
    if figure["value"] is None:
        return str(figure["insufficient"])
    interval = figure.get("interval")
    return f"{figure['value']:.4f}" + (f" ({interval[0]:.4f} to {interval[1]:.4f})" if interval else "")


def _listed(version: ModelVersion, *, serves: bool) -> Listed:
    told = version.metadata
    return Listed(
        version=version.version,
        approval=version.approval.value,
        why=version.why,
        metric=told.get(lineage.METRIC, ""),
        value=float(told[lineage.VALUE]) if lineage.VALUE in told else None,
        data_commit=told.get(lineage.DATA_COMMIT, ""),
        tuning_job=told.get(lineage.TUNING_JOB, ""),
        created=version.created,
        decided_by=told.get(lineage.DECIDED_BY, ""),
        decided_at=told.get(lineage.DECIDED_AT, ""),
        serves=serves,
        bad_data=told.get(BAD_DATA, ""),
        pruned=told.get(PRUNED, ""),
        evaluation=version.evaluation,
        arn=version.arn,
    )
