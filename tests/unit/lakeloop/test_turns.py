"""Whom a delivery lets go first."""

import time
from collections.abc import Callable

import pytest

from lakeloop.lake.turns import Turns
from tests.fakes import MemoryLake

DELIVERY = f"ingest-{'a' * 32}-{'1' * 8}"
LATER = f"ingest-{'b' * 32}-{'2' * 8}"


class Clock:
    """Time that passes while somebody sleeps; `events` happen at their seconds."""

    def __init__(self, events: dict[int, Callable[[], None]] | None = None) -> None:
        self.now = 0.0
        self._events = events or {}

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self._events.pop(int(self.now), lambda: None)()


def waited(monkeypatch: pytest.MonkeyPatch, turn: Turns, events: dict[int, Callable[[], None]] | None = None) -> float:
    clock = Clock(events)
    monkeypatch.setattr(time, "sleep", clock.sleep)
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    turn.wait("tiny")
    return clock.now


@pytest.mark.parametrize(
    "branch",
    ["", f"ingest-{'c' * 12}-features", "ingest-probe-0123456789ab", "experiment"],
    ids=lambda name: name or "no",
)
def test_only_what_ends_soon_is_waited_for(branch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = MemoryLake()
    if branch:
        lake.ensure_branch("tiny", branch)

    assert waited(monkeypatch, Turns(lake)) == 0


def test_a_delivery_that_is_under_way_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    lake = MemoryLake()
    lake.ensure_branch("tiny", DELIVERY)

    assert waited(monkeypatch, Turns(lake), {3: lambda: lake.delete_branch("tiny", DELIVERY)}) == 3


def test_a_branch_that_was_left_behind_stops_nobody_for_long_and_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lake = MemoryLake()
    lake.ensure_branch("tiny", DELIVERY)
    turn = Turns(lake, wait_seconds=5)

    first, again = waited(monkeypatch, turn), waited(monkeypatch, turn)
    lake.ensure_branch("tiny", LATER)
    beside = waited(monkeypatch, turn, {2: lambda: lake.delete_branch("tiny", LATER)})

    assert (first, again, beside) == (5.5, 0, 2)
