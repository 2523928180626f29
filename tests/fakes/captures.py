"""Who keeps predictions, in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from lakeloop.adapters.captures import SCHEMA
from lakeloop.capture.keys import capture_key, captures_folder
from lakeloop.capture.record import Capture
from tests.fakes.crash import Crash


@dataclass
class MemoryCaptureTopic:
    """What predict told, request by request, unless the topic is down."""

    down: Exception | None = None
    told: list[list[Capture]] = field(default_factory=list)

    def tell(self, captures: Sequence[Capture]) -> None:
        if self.down:
            raise self.down
        self.told.append(list(captures))


@dataclass
class MemoryCaptures:
    """Captures by object, as the chain lays them."""

    crash: Crash
    kept: dict[str, list[Capture]] = field(default_factory=dict)

    def add(self, *captures: Capture, name: str = "") -> None:
        """One delivery: an object for each hour."""
        name = name or str(len(self.kept))
        for one in captures:
            self.kept.setdefault(capture_key(one.dataset, one.predicted_at, [name]), []).append(one)

    def objects(self, dataset: str, since: datetime, until: datetime) -> Iterator[str]:
        first, last = captures_folder(dataset, since), captures_folder(dataset, until)
        yield from (key for key in sorted(self.kept) if first <= key.rpartition("/")[0] + "/" <= last)

    def read(self, key: str) -> list[Capture]:
        self.crash.tick()
        return self.kept[key]

    def frame(self, key: str) -> pl.DataFrame:
        return pl.DataFrame([vars(one) for one in self.read(key)], schema=SCHEMA)


class MemoryKeys:
    hashing = b"a key of the environment"
