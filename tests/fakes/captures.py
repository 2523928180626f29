"""Captures in memory."""

from collections.abc import Iterator
from datetime import datetime

from lakeloop.capture.record import Capture


class MemoryCaptures:
    """Keeps what it is given, also twice, and tells each prediction once."""

    def __init__(self, *captures: Capture) -> None:
        self.kept = list(captures)

    def between(self, dataset: str, since: datetime, until: datetime) -> Iterator[Capture]:
        found = {capture.identity: capture for capture in self.kept if capture.dataset == dataset}
        yield from (capture for capture in found.values() if since <= capture.predicted_at < until)
