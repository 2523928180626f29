"""One prediction as it is kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

# A reader refuses what a later release wrote.
CAPTURE_VERSION = 1


@dataclass(frozen=True)
class Capture:
    """One answered prediction.

    `contract` is the digest of the contract that the served model was trained with (`names.model_contract_key`), empty
    where the model carried none; `model` and `data_commit` are as the answer names them. `input` is the JSON object of
    the request's features as they came, sensitive ones left out or hashed by the dataset's contract. `prediction` is
    the class or the number as text, `probabilities` a JSON object; with `confidence` it is None for regression.
    """

    inference_id: str
    predicted_at: AwareDatetime
    dataset: str
    model: str
    data_commit: str
    contract: str
    input: str
    prediction: str
    confidence: float | None
    probabilities: str | None
    latency_ms: float
    caller: str
    version: Annotated[int, Field(le=CAPTURE_VERSION)] = CAPTURE_VERSION

    @property
    def identity(self) -> tuple[str, datetime]:
        """What two tellings of one prediction have in common; an id alone may have been given to another input."""
        return self.inference_id, self.predicted_at

    def told(self) -> dict[str, object]:
        """As a message tells it."""
        return {**vars(self), "predicted_at": self.predicted_at.isoformat()}
