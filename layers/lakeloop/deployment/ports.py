"""What deployment asks of SageMaker."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lakeloop import names
from lakeloop.messages import JudgeAgain


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

    def is_of(self, owner: str) -> bool:
        """Whether the environment of that name made it."""
        return self.tags.get(names.ENVIRONMENT_TAG) == owner


@dataclass(frozen=True)
class ServedConfig:
    """An endpoint config: the model it is made of, and our tags, which are those of the model and never change."""

    name: str
    model: str
    tags: Mapping[str, str]

    @property
    def version(self) -> str:
        """The ARN of the model's version; its training job where there was no registry when it was deployed."""
        return self.tags.get(names.MODEL_PACKAGE_TAG) or self.tags.get(names.TRAINING_JOB_TAG, "")


@dataclass(frozen=True)
class Placement:
    """The endpoint that callers are sent to, and since when; None where it has always been the first."""

    endpoint: str
    since: datetime | None = None


class Placements(Protocol):
    """Which of a dataset's two endpoints answers."""

    def of(self, dataset: str) -> Placement: ...


class Moves(Placements, Protocol):
    """The same, for who sends callers elsewhere."""

    def move(self, dataset: str, to: Placement) -> None: ...


class Served(Protocol):
    """What endpoints serve."""

    def endpoint(self, name: str) -> EndpointState | None: ...

    def served(self, config: str) -> ServedConfig | None:
        """What an endpoint config is made of; None where it is gone."""


class Models(Served, Protocol):
    """SageMaker's models, and what serves."""

    def ensure_model(self, request: Mapping[str, object], tags: Mapping[str, str]) -> None: ...


class Hosting(Models, Protocol):
    """Endpoints, to change them."""

    def ensure_config(self, request: Mapping[str, object], tags: Mapping[str, str]) -> None: ...

    def create_endpoint(self, name: str, config: str, tags: Mapping[str, str]) -> None: ...

    def update_endpoint(self, name: str, config: str, move: Mapping[str, object] | None = None) -> None:
        """`move` is a DeploymentConfig: how requests come to the new fleet, and what brings them back."""

    def tag_endpoint(self, name: str, tags: Mapping[str, str]) -> None: ...

    def delete_endpoint(self, name: str) -> None: ...


class Watch(Protocol):
    """What CloudWatch says of endpoints."""

    def red(self, alarms: Sequence[str]) -> list[str]:
        """Those of the named alarms that are in ALARM."""

    def invocations(self, endpoint: str, since: datetime) -> int:
        """Requests to an endpoint until now."""


class Switches(Protocol):
    """Endpoints that people switched off."""

    def is_off(self, dataset: str) -> bool: ...


class Evaluator(Protocol):
    """The chain that evaluates models."""

    def publish(self, message: JudgeAgain) -> None: ...
