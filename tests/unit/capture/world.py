"""Captures of a small table."""

from datetime import UTC, datetime
from typing import Any

from lakeloop.capture import ids
from lakeloop.capture.record import Capture

AT = datetime(2026, 11, 26, 10, 30, tzinfo=UTC)
SCOPE = ids.scope("lakeloop-test", "tiny")


def milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def capture(inference_id: str = "", at: datetime = AT, **changes: Any) -> Capture:  # noqa: ANN401 any field of it
    """One of the tiny table, by default kept under an id that was made for it."""
    given: dict[str, Any] = {
        "inference_id": inference_id or ids.make(SCOPE, kept=True, milliseconds=milliseconds(at)),
        "predicted_at": at,
        "dataset": "tiny",
        "model": "lakeloop-test-tiny/1",
        "data_commit": "c0ffee",
        "contract": "",
        "input": '{"id":"k1","f":1.5,"i":7,"c":"b","t":true}',
        "prediction": "yes",
        "confidence": 0.75,
        "probabilities": '{"no":0.25,"yes":0.75}',
        "latency_ms": 12.5,
        "caller": "key-1",
    }
    return Capture(**{**given, **changes})
