"""What predict tells its topic; it starts with every cold start, so it imports no models of messages."""

import json
from collections.abc import Sequence

from lakeloop.capture.record import CAPTURE_VERSION, Capture

# SNS takes 262,144 bytes, of which its attributes and an envelope count too.
LARGEST_MESSAGE = 200_000


def told(captures: Sequence[Capture]) -> str:
    """The predictions of one request as a message."""
    found = [capture.told() for capture in captures]
    return json.dumps({"version": CAPTURE_VERSION, "dataset": captures[0].dataset, "captures": found})


def told_where(dataset: str, uri: str, count: int) -> str:
    """That the message itself lies in an object."""
    return json.dumps({"version": CAPTURE_VERSION, "dataset": dataset, "count": count, "stored": uri})
