"""Which fleet a request goes to."""

import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from lakeloop.local.sagemaker.hosting.fleet import Fleet


class Traffic:
    """The shares of an endpoint's fleets. A request enters its fleet while the shares cannot change."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shares: dict[Fleet, float] = {}

    def share(self, shares: Mapping[Fleet, float]) -> None:
        """Fleets that are left out get nothing new; `Fleet.wait_until_idle` tells when they are done with the old."""
        with self._lock:
            self._shares = {fleet: share for fleet, share in shares.items() if share > 0}

    @contextmanager
    def fleet(self) -> Iterator[Fleet | None]:
        """A fleet for one request; None when the endpoint has none."""
        with self._lock:
            fleets = list(self._shares)
            chosen = random.choices(fleets, list(self._shares.values()))[0] if fleets else None  # noqa: S311
            if chosen is not None:
                chosen.enter()
        try:
            yield chosen
        finally:
            if chosen is not None:
                chosen.leave()
