"""Deliveries of one dataset take turns on main: of two that begin at once lakeFS merges only the first."""

import re
import time

from lakeloop.lake.ports import Lake
from lakeloop.names import INGEST_BRANCH

# A delivery is on its branch for some seconds.
WAIT_SECONDS = 10.0
LOOK_SECONDS = 0.5
# Of `own_branch` for a delivery; what moves rows for minutes begins again when a delivery is quicker.
_OF_DELIVERY = re.compile(rf"{INGEST_BRANCH}[0-9a-f]{{32}}-[0-9a-f]{{8}}")


class Turns:
    """A courtesy and no lock: the one that waited long enough goes on, and never waits for the same branch again.

    A branch that a killed process left behind looks like one that somebody works on.
    """

    def __init__(self, lake: Lake, wait_seconds: float = WAIT_SECONDS) -> None:
        self._lake = lake
        self._wait_seconds = wait_seconds
        self._waited_for: set[str] = set()

    def wait(self, repository: str) -> None:
        """Return when no other delivery is under way, or was for too long."""
        ends = time.monotonic() + self._wait_seconds
        while others := self._under_way(repository) - self._waited_for:
            if time.monotonic() > ends:
                self._waited_for |= others
                return
            time.sleep(LOOK_SECONDS)

    def _under_way(self, repository: str) -> set[str]:
        branches = self._lake.branches(repository, INGEST_BRANCH)
        return {branch.name for branch in branches if _OF_DELIVERY.fullmatch(branch.name)}
