"""The system of record for models: one group per dataset, one version per model that was judged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Approval(StrEnum):
    """SageMaker's words for whether a version may be deployed."""

    APPROVED = "Approved"
    REJECTED = "Rejected"
    PENDING = "PendingManualApproval"


@dataclass(frozen=True)
class ModelVersion:
    """One model package; `why` says why it is approved or not, `metadata` has the keys of `registry.lineage`.

    `changed` is when somebody approved or rejected it last, or changed its metadata; None where nobody did.
    `evaluation` is the s3:// address of its metrics, empty where somebody registered it without.
    """

    arn: str
    group: str
    version: int
    approval: Approval
    why: str
    artifact: str
    image: str
    created: datetime
    metadata: Mapping[str, str]
    evaluation: str = ""
    changed: datetime | None = None

    @property
    def settled(self) -> datetime:
        """When its approval was decided last, as far as is known."""
        return self.changed or self.created


@dataclass(frozen=True)
class Registration:
    """A version to be made; the same `token` (1 to 36 letters, digits and hyphens) again makes none."""

    group: str
    token: str
    approval: Approval
    why: str
    artifact: str
    image: str
    evaluation: str
    metadata: Mapping[str, str]
    tags: Mapping[str, str]
    """Those of the group, where this is its first version: versions have none of their own."""


class Packages(Protocol):
    """Versions that are there, for who only reads them."""

    def versions(self, group: str, approval: Approval | None = None) -> Iterator[ModelVersion]:
        """Those of a group, newest first; none where there is no group yet."""

    def version(self, arn: str) -> ModelVersion | None:
        """None where it was deleted."""


class ModelVersions(Packages, Protocol):
    """Versions that are there, and decisions about them."""

    def decide(self, arn: str, approval: Approval, why: str, metadata: Mapping[str, str]) -> None:
        """Approve or reject; the metadata is added to what the version has."""


class ModelRegistry(ModelVersions, Protocol):
    """The whole registry."""

    def register(self, registration: Registration) -> ModelVersion:
        """The version that was made, or the one that the same token had made before."""
