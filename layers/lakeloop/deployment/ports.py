"""What deployment asks of SageMaker."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class TrainedModel:
    """The best trial of a tuning job; `status` is the job's, Stopped where a person ended it early."""

    tuning_job: str
    status: str
    training_job: str
    artifact: str
    metric: str
    value: float
    created: datetime
    tags: Mapping[str, str]


@dataclass(frozen=True)
class EndpointState:
    """An endpoint as SageMaker describes it, with our tags; `pending` is the config that an update is bringing."""

    name: str
    status: str
    config: str
    failure_reason: str
    tags: Mapping[str, str]
    pending: str = ""


class Hosting(Protocol):
    def tuning_status(self, tuning_job: str) -> tuple[str, str]:
        """Status and failure reason of a tuning job."""

    def tuning_tags(self, tuning_job: str) -> Mapping[str, str]:
        """None at all where SageMaker no longer knows the job."""

    def best_model(self, tuning_job: str) -> TrainedModel | None:
        """The best trial that ended well, None where there is none."""

    def tuning_created(self, tuning_job: str) -> datetime | None:
        """When the job was created, None when SageMaker no longer knows it."""

    def config_tags(self, config: str) -> Mapping[str, str]:
        """None at all where the config is gone."""

    def endpoint(self, name: str) -> EndpointState | None: ...

    def ensure_model(self, request: Mapping[str, object], tags: Mapping[str, str]) -> None: ...

    def ensure_config(self, request: Mapping[str, object], tags: Mapping[str, str]) -> None: ...

    def create_endpoint(self, name: str, config: str, tags: Mapping[str, str]) -> None: ...

    def update_endpoint(self, name: str, config: str) -> None: ...

    def tag_endpoint(self, name: str, tags: Mapping[str, str]) -> None: ...

    def delete_endpoint(self, name: str) -> None: ...
