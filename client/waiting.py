"""Waiting for the loop: look, tell what was seen, look again, and say what was missing when time is up."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from lakeloop.client.errors import WaitedTooLongError

T = TypeVar("T")

# Takes the latest news of long work.
Note = Callable[[str], None]


@dataclass(frozen=True)
class Look(Generic[T]):
    """What one look showed: `text` for the person who waits, `value` once there is nothing more to wait for."""

    text: str
    value: T | None = None


@dataclass(frozen=True)
class Waiter:
    """How to wait. `guard` raises when there is no use in waiting any longer."""

    guard: Callable[[], None]
    seconds_between_looks: float = 0.5
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def wait(self, what: str, look: Callable[[], Look[T]], *, seconds: float, note: Note, advice: str) -> T:
        """The value that a look found in time."""
        deadline = self.clock() + seconds
        while True:
            seen = look()
            note(seen.text)
            if seen.value is not None:
                return seen.value
            self.guard()
            if self.clock() >= deadline:
                raise WaitedTooLongError(f"waited {seconds:g} s for {what}; last seen: {seen.text}", advice)
            self.sleep(self.seconds_between_looks)
