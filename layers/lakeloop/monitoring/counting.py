"""New captures are counted, hour by hour, and windows judged as they fill."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl

from lakeloop.capture.keys import capture_hour
from lakeloop.contract import DatasetContract, Monitor
from lakeloop.monitoring.captured import InputReader, answers, watched
from lakeloop.monitoring.labelled import SECONDS_FOR_AN_HOUR
from lakeloop.monitoring.ports import CapturedFrames
from lakeloop.monitoring.profile import Profile, Tally
from lakeloop.monitoring.state import HOUR, LATE, Hour, Judged, WatchState, hour_at, whole

# A prediction may be on its way to the captures of its hour for so long after the hour has ended; later ones are late.
ON_ITS_WAY = timedelta(minutes=10)


@dataclass(frozen=True)
class Counted:
    """The windows that filled, and whether all whole hours were counted."""

    windows: list[Judged] = field(default_factory=list)
    all: bool = True


class Counter:
    """Counts the predictions of one model, each once however often objects that are new together tell it."""

    def __init__(self, captures: CapturedFrames, contract: DatasetContract, model: str, profile: Profile) -> None:
        self._captures = captures
        self._contract = contract
        self._model = model
        self._profile = profile

    def count(
        self, state: WatchState, policy: Monitor, hidden: frozenset[str], now: datetime, left: Callable[[], float]
    ) -> Counted:
        """Take in the hours that ended since, and what came late for those before."""
        end = whole(now - ON_ITS_WAY)
        reader = InputReader(self._contract, watched(self._contract, hidden))
        closed: list[Judged] = []
        for hour, keys in self._new(state, end).items():
            if left() < SECONDS_FOR_AN_HOUR:
                return Counted(closed, all=False)
            tally = sum((self._tally(frame, reader) for frame in self._frames(keys)), Tally())
            names_of = [_name(key) for key in keys]
            if judged := state.add(hour, names_of, tally, self._profile, policy):
                closed.append(judged)
        state.until = max(state.until, end)
        return Counted(closed)

    def _new(self, state: WatchState, end: datetime) -> dict[str, list[str]]:
        """The objects that are not counted yet, by hour."""
        if end <= state.until - LATE:
            return {}
        found: dict[str, list[str]] = {}
        for key in self._captures.objects(self._contract.name, state.until - LATE, end - HOUR):
            hour = capture_hour(key)
            if _name(key) not in state.hours.get(hour, Hour()).objects and hour_at(hour) < end:
                found.setdefault(hour, []).append(key)
        return found

    def _frames(self, keys: Iterable[str]) -> Iterable[pl.DataFrame]:
        told: set[int] = set()
        for key in keys:
            found = self._captures.frame(key).filter(pl.col("model") == self._model)
            identity = found.select(pl.struct("inference_id", "predicted_at").hash()).to_series()
            new = identity.is_first_distinct() & pl.Series([one not in told for one in identity], dtype=pl.Boolean)
            told.update(identity)
            yield found.filter(new)

    def _tally(self, captures: pl.DataFrame, reader: InputReader) -> Tally:
        if captures.is_empty():
            return Tally()
        batch = reader.frame(captures["input"]).hstack(answers(self._contract, captures))
        return self._profile.count(batch)


def _name(key: str) -> str:
    """Short, as a state names many: of objects of one hour twelve letters of a digest tell them apart."""
    return key.rpartition("/")[2][:12]
