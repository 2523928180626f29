"""What the prediction API asks of endpoints, of the contracts that models keep, and of who keeps its answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lakeloop.capture.record import Capture
from lakeloop.contract import DatasetContract


@dataclass(frozen=True)
class LiveModel:
    """`version` is the model's name, `contract` the digest of the contract it was trained with, `commit` of its data.

    All are empty where they are not known, `contract` and `commit` also for a model that carries no tags of ours.
    """

    version: str = ""
    contract: str = ""
    commit: str = ""


UNKNOWN_MODEL = LiveModel()


@dataclass(frozen=True)
class EndpointView:
    """Which model an endpoint serves, which one an update is bringing, and whether that one may answer already.

    `endpoint` is the one of a dataset's two that was looked at: who asks the model that was seen asks that one.
    """

    serving: LiveModel
    successor: LiveModel | None = None
    shifting: bool = False
    endpoint: str = ""


class Endpoints(Protocol):
    def view(self, endpoint: str, *, fresh: bool = False) -> EndpointView | None:
        """By the name of a dataset's first endpoint, the one that answers; None when that serves nothing.

        A view may be some seconds old, unless it is to be fresh. While the endpoint cannot be asked it is the last
        known one, and before the first one of unknown models.
        """

    def invoke(self, endpoint: str, body: str, inference_id: str) -> str:
        """Send lines of CSV; the container's CSV answer. Raises NoModelError, ModelBusyError or ModelFailedError."""


class ModelContracts(Protocol):
    def get(self, digest: str) -> DatasetContract:
        """The contract that a model was trained with."""


class CaptureTopic(Protocol):
    def tell(self, captures: Sequence[Capture]) -> None:
        """Once, and within the time of an answer; raises whatever went wrong."""


class Keys(Protocol):
    @property
    def hashing(self) -> bytes:
        """What sensitive values are hashed under."""
