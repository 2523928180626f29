"""What predict told: the predictions of one request, or where they lie because they were too many for a message."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lakeloop.capture.record import Capture
from lakeloop.errors import MalformedMessageError
from lakeloop.messages import parsed, told, unwrapped

CAPTURES = TypeAdapter(list[Capture])


def captures_of(body: str, stored: Callable[[str], str]) -> list[Capture]:
    """`stored` reads the message that one stands for which only names it. Raises MalformedMessageError."""
    found = _read(body)
    if "stored" in found:
        found = _read(stored(str(found["stored"])))
    try:
        captures = CAPTURES.validate_python(found.get("captures"))
    except ValidationError as error:
        raise MalformedMessageError(f"not the captures of predictions: {told(error)}") from error
    return [replace(capture, predicted_at=capture.predicted_at.astimezone(UTC)) for capture in captures]


def _read(body: str) -> dict[str, Any]:
    found = parsed(unwrapped(body))
    if not isinstance(found, dict):
        raise MalformedMessageError("not the captures of predictions: the message is no JSON object")
    return found
