"""What predict told: the predictions of one request, or where they lie because they were too many for a message."""

from typing import Any

from lakeloop.capture.record import Capture
from lakeloop.errors import MalformedMessageError
from lakeloop.messages import parsed, unwrapped


def stored(body: str) -> str:
    """Where the message lies that this one stands for; nothing where it is the message itself."""
    return str(_read(body).get("stored", ""))


def captures_of(body: str) -> list[Capture]:
    """Raises MalformedMessageError."""
    found = _read(body)
    try:
        return [Capture.of(told) for told in found["captures"]]
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise MalformedMessageError(f"not the captures of predictions: {type(error).__name__}: {error}") from error


def _read(body: str) -> dict[str, Any]:
    found = parsed(unwrapped(body))
    if not isinstance(found, dict):
        raise MalformedMessageError("not the captures of predictions: the message is no JSON object")
    return found
