"""What predict told: the predictions of one request, or where they lie because they were too many for a message."""

from collections.abc import Callable
from typing import Any

from lakeloop.capture.record import Capture
from lakeloop.errors import MalformedMessageError
from lakeloop.messages import parsed, unwrapped


def captures_of(body: str, stored: Callable[[str], str]) -> list[Capture]:
    """`stored` reads the message that one stands for which only names it. Raises MalformedMessageError."""
    found = _read(body)
    if "stored" in found:
        found = _read(stored(str(found["stored"])))
    try:
        return [Capture.of(told) for told in found["captures"]]
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise MalformedMessageError(f"not the captures of predictions: {type(error).__name__}: {error}") from error


def _read(body: str) -> dict[str, Any]:
    found = parsed(unwrapped(body))
    if not isinstance(found, dict):
        raise MalformedMessageError("not the captures of predictions: the message is no JSON object")
    return found
