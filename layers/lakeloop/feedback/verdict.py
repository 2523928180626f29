"""What becomes of a label that was told."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Literal

from lakeloop.capture import ids
from lakeloop.contract import DatasetContract
from lakeloop.serving.request import FieldProblem

Taken = Literal["recorded", "known already", "older, kept the newer"]


@dataclass(frozen=True)
class Verdict:
    """That a label was taken, and whether it counts."""

    inference_id: str
    verdict: Taken

    @property
    def body(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Refusal:
    """Why a label was not taken."""

    inference_id: str
    status: int
    error: str
    message: str
    fields: tuple[FieldProblem, ...] = ()

    @property
    def body(self) -> dict[str, object]:
        found: dict[str, object] = {"inference_id": self.inference_id, "error": self.error, "message": self.message}
        return {**found, "fields": [asdict(field) for field in self.fields]} if self.fields else found


def refused_id(
    name_prefix: str, contract: DatasetContract, others: list[str], inference_id: str, now: datetime
) -> Refusal | None:
    """Why no label can come for an id; None where one can, as far as the id says."""
    capture = contract.capture
    if not ids.is_ours(inference_id):
        if capture.enabled:
            return None
        return Refusal(inference_id, 422, "not_captured", f"predictions of {contract.name} are not kept")
    made = ids.read(ids.scope(name_prefix, contract.name), inference_id)
    if made is None:
        return _unknown(name_prefix, contract.name, others, inference_id)
    if not made.kept:
        said = f"the prediction was not kept: {contract.name} keeps {_share(contract)}"
        return Refusal(inference_id, 422, "not_captured", said)
    if now - made.at > timedelta(days=capture.join_days):
        said = f"the prediction was made at {made.at:%Y-%m-%d %H:%M} UTC, and labels count for {capture.join_days} days"
        return Refusal(inference_id, 410, "too_old", said)
    return None


def _unknown(name_prefix: str, dataset: str, others: list[str], inference_id: str) -> Refusal:
    owner = next((name for name in others if ids.read(ids.scope(name_prefix, name), inference_id)), "")
    if owner:
        said = f"the prediction is one of {owner}: tell POST /datasets/{owner}/feedback"
        return Refusal(inference_id, 404, "other_dataset", said)
    said = f"no prediction of {dataset} has this id: give the one that its answer named"
    return Refusal(inference_id, 404, "unknown_inference_id", said)


def _share(contract: DatasetContract) -> str:
    return f"{contract.capture.fraction:.2%} of them" if contract.capture.enabled else "none"
