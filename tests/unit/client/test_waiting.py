"""Waits end: with what was waited for, with the guard's objection, or with a message when time is up."""

import pytest

from lakeloop.client.errors import LoopFailedError, WaitedTooLongError
from lakeloop.client.waiting import Look, Waiter


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def nothing_wrong() -> None:
    pass


def unread(_: str) -> None:
    pass


def waiter(clock: Clock) -> Waiter:
    return Waiter(guard=nothing_wrong, clock=clock, sleep=clock.sleep)


def test_the_value_of_the_first_look_that_has_one_ends_the_wait() -> None:
    clock = Clock()
    looks = iter([Look[str]("not yet"), Look("there", "value")])
    notes: list[str] = []

    found = waiter(clock).wait("it", lambda: next(looks), seconds=10, note=notes.append, advice="")

    assert found == "value"
    assert notes == ["not yet", "there"]
    assert clock.now == 0.5


def test_when_time_is_up_the_error_says_what_was_waited_for_and_last_seen() -> None:
    with pytest.raises(WaitedTooLongError) as raised:
        waiter(Clock()).wait(
            "the endpoint", lambda: Look[str]("Creating"), seconds=3, note=unread, advice="read the log"
        )

    assert raised.value.what == "waited 3 s for the endpoint; last seen: Creating"
    assert raised.value.advice == "read the log"


def test_the_guard_ends_a_wait_that_cannot_succeed() -> None:
    def broken() -> None:
        raise LoopFailedError("a message went to the dead-letter queue", "mend it")

    clock = Clock()
    with pytest.raises(LoopFailedError):
        Waiter(guard=broken, clock=clock, sleep=clock.sleep).wait(
            "it", lambda: Look[str]("not yet"), seconds=60, note=unread, advice=""
        )
    assert clock.now == 0


def test_what_is_there_already_counts_even_if_the_guard_would_object() -> None:
    def broken() -> None:
        raise LoopFailedError("late", "never mind")

    found = Waiter(guard=broken).wait("it", lambda: Look("there", 1), seconds=0, note=unread, advice="")

    assert found == 1
