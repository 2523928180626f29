"""Answered predictions are told to whoever keeps them, before the answer and never at its cost."""

import hmac
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from lakeloop.capture import ids
from lakeloop.capture.record import Capture
from lakeloop.contract import DatasetContract
from lakeloop.observability import logger, metrics
from lakeloop.serving.ports import CaptureTopic, Keys
from lakeloop.serving.request import AskedRow, json_text
from lakeloop.serving.scoring import Scored, ScoredRow

LOST = "CapturesLost"


class Capturing:
    """Gives predictions their ids and has them kept as the dataset's contract says."""

    def __init__(self, topic: CaptureTopic, keys: Keys, name_prefix: str) -> None:
        self._topic = topic
        self._keys = keys
        self._name_prefix = name_prefix

    def named(self, contract: DatasetContract, rows: Sequence[AskedRow]) -> list[AskedRow]:
        """The rows, each with an id; one that is made here says whether its prediction is kept."""
        scope = ids.scope(self._name_prefix, contract.name)
        return [row if row.inference_id else replace(row, inference_id=_made(scope, contract)) for row in rows]

    def tell(
        self, contract: DatasetContract, rows: Sequence[AskedRow], scored: Scored, caller: str, began: float
    ) -> None:
        """Tell of the rows that were predicted; where that fails it is counted, and the answer goes out."""
        if not contract.capture.enabled:
            return
        try:
            captures = self._captures(contract, rows, scored, caller, began)
            if captures:
                self._topic.tell(captures)
        except Exception:  # noqa: BLE001 no capture is worth an answer
            metrics.add_metric(name=LOST, unit="Count", value=sum(isinstance(row, ScoredRow) for row in scored.rows))
            logger.exception("predictions are not kept", extra={"dataset": contract.name})

    def _captures(
        self, contract: DatasetContract, rows: Sequence[AskedRow], scored: Scored, caller: str, began: float
    ) -> list[Capture]:
        now, latency_ms = datetime.now(UTC), 1000 * (time.monotonic() - began)
        scope = ids.scope(self._name_prefix, contract.name)
        return [
            Capture(
                inference_id=row.inference_id,
                predicted_at=now,
                dataset=contract.name,
                model=scored.model.version,
                data_commit=scored.model.commit,
                contract=scored.model.contract,
                input=self._input(contract, asked.features, scored.sensitive),
                prediction=_text(row.prediction.prediction),
                confidence=row.prediction.confidence,
                probabilities=json_text(row.prediction.probabilities) if row.prediction.probabilities else None,
                latency_ms=round(latency_ms, 3),
                caller=caller,
            )
            for asked, row in zip(rows, scored.rows, strict=True)
            if isinstance(row, ScoredRow) and is_kept(scope, row.inference_id, contract)
        ]

    def _input(self, contract: DatasetContract, features: Mapping[str, object], sensitive: frozenset[str]) -> str:
        """The features as they came, numbers to the digit, without what the contract does not let out."""
        hidden = sensitive | contract.sensitive
        told = (
            f"{json.dumps(name)}:{self._value(contract, name, value, hidden=name in hidden)}"
            for name, value in features.items()
            if name not in hidden or contract.capture.sensitive == "hash"
        )
        return f"{{{','.join(told)}}}"

    def _value(self, contract: DatasetContract, name: str, value: object, *, hidden: bool) -> str:
        text = json_text(value)
        if not hidden or value is None:
            return text
        # Equal values of two columns have nothing in common.
        said = f"{contract.name}\0{name}\0{text}".encode()
        return f'"hmac-sha256:{hmac.digest(self._keys.hashing, said, "sha256").hex()}"'


def is_kept(scope: str, inference_id: str, contract: DatasetContract) -> bool:
    """Whether the prediction of this id is kept under the contract."""
    if made := ids.read(scope, inference_id):
        return made.kept
    return ids.is_sampled(inference_id, contract.capture.fraction)


def _made(scope: str, contract: DatasetContract) -> str:
    drawn = ids.make(scope, kept=contract.capture.enabled)
    if ids.is_sampled(drawn, contract.capture.fraction):
        return drawn
    return ids.make(scope, kept=False)


def _text(prediction: str | float) -> str:
    return prediction if isinstance(prediction, str) else repr(prediction)
