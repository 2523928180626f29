"""Who keeps predictions, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lakeloop.capture.record import Capture


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
    hashing = b"a key of the environment"
