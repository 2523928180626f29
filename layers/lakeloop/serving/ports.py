"""What the prediction API asks of endpoints."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class LiveModel:
    """What an endpoint serves now; `version` is the model's name."""

    version: str


class Endpoints(Protocol):
    def live_model(self, endpoint: str) -> LiveModel | None: ...

    def invoke(self, endpoint: str, body: str, inference_id: str) -> str:
        """Send one CSV line; the container's CSV answer. Raises NoModelError, ModelBusyError or ModelFailedError."""
