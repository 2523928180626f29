"""What watching predictions asks of the outside."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

import polars as pl

from lakeloop.messages import TrainingAsked, WatchPredictions
from lakeloop.monitoring.state import WatchState


class CapturedFrames(Protocol):
    def objects(self, dataset: str, since: datetime, until: datetime) -> Iterator[str]:
        """The keys of the objects of the hours that these moments fall into."""

    def frame(self, key: str) -> pl.DataFrame:
        """The captures of one object, a column for each field; none where it has expired."""


class Store(Protocol):
    """Objects by their names."""

    def read(self, key: str) -> bytes | None: ...

    def put(self, key: str, body: bytes) -> str:
        """Its address."""


class WatchStates(Protocol):
    def get(self, dataset: str) -> tuple[WatchState | None, str]:
        """The state, None where there is none that this release reads, and what its next writer must name."""

    def put(self, dataset: str, state: WatchState, tag: str) -> str:
        """What the next writer must name. Raises TransientError where somebody else has written meanwhile."""


class Publisher(Protocol):
    def publish(self, message: WatchPredictions) -> None: ...


class Trainer(Protocol):
    """The chain that starts tuning."""

    def publish(self, message: TrainingAsked) -> None: ...
