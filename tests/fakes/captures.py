"""Captures in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lakeloop.capture.record import Capture


class MemoryCaptures:
    """Keeps what it is given, also twice, and tells each prediction once."""

    def __init__(self, *captures: Capture) -> None:
        self.kept = list(captures)

    def between(self, dataset: str, since: datetime, until: datetime) -> Iterator[Capture]:
        found = {capture.identity: capture for capture in self.kept if capture.dataset == dataset}
        yield from (capture for capture in found.values() if since <= capture.predicted_at < until)


@dataclass
class MemoryCaptureTopic:
    """What predict told, request by request, unless the topic is down."""

    down: Exception | None = None
    told: list[list[Capture]] = field(default_factory=list)

    def tell(self, captures: Sequence[Capture]) -> None:
        if self.down:
            raise self.down
        self.told.append(list(captures))


class MemoryKeys:
    def hashing(self) -> bytes:
        return b"a key of the environment"
