"""Where captures are kept."""

from collections.abc import Sequence
from typing import Protocol

from lakeloop.capture.record import Capture


class CaptureStore(Protocol):
    def stored(self, uri: str) -> str:
        """The text of a message that was too large for its topic. Raises PermanentError where it is gone."""

    def write(self, key: str, captures: Sequence[Capture]) -> None:
        """As one object, in the place of what was there."""
