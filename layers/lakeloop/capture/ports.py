"""Where captures are kept."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from lakeloop.capture.record import Capture


class Captures(Protocol):
    def between(self, dataset: str, since: datetime, until: datetime) -> Iterator[Capture]:
        """Those predicted from `since` on and before `until`, each once, in no order worth a promise."""
