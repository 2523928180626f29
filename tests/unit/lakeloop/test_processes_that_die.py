"""What becomes of the messages of a process that died: suspects run alone, and what kills twice is dead-lettered."""

import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest

from lakeloop.attempts import Attempts
from lakeloop.consumer import Consumer, Failures, each
from lakeloop.messages import Message
from tests.fakes import CrashError, MemoryMarks
from tests.unit.lakeloop.deliveries import LAST, Deliveries, record

MINUTES_15 = 15 * 60


@pytest.fixture
def deliver() -> Deliveries:
    return Deliveries()


def crashed(deliver: Deliveries, *records: dict[str, Any]) -> None:
    with pytest.raises(CrashError):
        deliver(*records)


def test_only_the_message_that_was_started_and_not_finished_is_suspect_and_runs_alone(deliver: Deliveries) -> None:
    crashed(deliver, record("before"), record("killer"), record("after"))
    deliver.handled.clear()

    crashed(deliver, record("before", 2), record("killer", 2), record("after", 2))

    assert deliver.handled == ["killer"]
    assert {"before": 0, "after": 0} in deliver.queue.calls


def test_what_is_handed_back_at_its_last_delivery_gets_its_reason_like_any_other(deliver: Deliveries) -> None:
    deliver.marks.start("good", 1)

    answer = deliver(record("good", 2), record("spent", LAST), record("early", LAST - 1))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "early"}]}
    assert deliver.handled == ["good"]
    [(body, failure)] = deliver.queue.letters
    assert (body, failure.error) == ("spent", "PostponedError")
    assert "beside a message over which the function had died" in failure.reason


def test_after_its_second_crash_it_is_dead_lettered_within_a_quarter_of_an_hour_and_neighbours_lose_no_try(
    deliver: Deliveries,
) -> None:
    crashed(deliver, record("before"), record("killer"), record("after"))
    crashed(deliver, record("killer", 2))
    deliver.handled.clear()

    answer = deliver(record("before", 2), record("killer", 3), record("after", 2))

    assert answer == {"batchItemFailures": []}
    assert deliver.handled == ["before", "after"]
    [(body, failure)] = deliver.queue.letters
    assert (body, failure.error) == ("killer", "CrashedError")
    assert "crashed or timed out" in failure.reason
    assert deliver.marks.started == {}
    assert {call[1] for call in deliver.log.failures} == {"killer"}
    # Twice the time of the longest function, and twice what a dead process's messages stay hidden.
    assert MINUTES_15 >= 2 * 300 + 2 * 90


def test_of_two_suspects_one_comes_alone_and_the_other_after_it(deliver: Deliveries) -> None:
    deliver.marks.start("good-1", 1)
    deliver.marks.start("good-2", 1)

    answer = deliver(record("good-1", 2), record("good-2", 2))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "good-2"}]}
    assert deliver.handled == ["good-1"]


def test_a_death_over_work_that_messages_share_is_found_by_trying_each_of_them_alone(deliver: Deliveries) -> None:
    """A commit dies of one file's size, say, and no message was begun when it did."""
    together: list[list[str]] = []

    def commit(messages: Sequence[Message], attempts: Attempts) -> Failures:
        together.append([message.id for message in messages])
        with attempts.shared(together[-1]):
            if "huge" in together[-1]:
                raise CrashError
        return {}

    consumer = Consumer("f", deliver.queue, deliver.marks, deliver.log, lambda _: None, LAST)
    waiting = [("one", "huge", "two")] * 3 + [("huge", "two")] * 2
    for attempts, ids in enumerate(waiting, start=1):
        with suppress(CrashError):
            consumer.consume({"Records": [record(id_, attempts) for id_ in ids]}, commit, lambda: 300_000)

    assert together == [["one", "huge", "two"], ["one", "huge", "two"], ["one"], ["huge"], ["two"]]
    assert [(body, failure.error) for body, failure in deliver.queue.letters] == [("huge", "CrashedError")]


def test_work_that_is_soon_done_costs_no_mark(deliver: Deliveries) -> None:
    written: list[str] = []

    class Marks(MemoryMarks):
        def start(self, message_id: str, starts: int) -> None:
            written.append(message_id)

        def finish(self, message_id: str) -> None:
            written.append(message_id)

    assert deliver(record("good"), marks=Marks(), mark_after_seconds=60) == {"batchItemFailures": []}

    assert deliver.handled == ["good"]
    assert written == []


def test_work_that_lasts_is_marked_while_it_lasts(deliver: Deliveries) -> None:
    marked = threading.Event()

    class Marks(MemoryMarks):
        def start(self, message_id: str, starts: int) -> None:
            super().start(message_id, starts)
            marked.set()

    marks = Marks()
    consumer = Consumer("f", deliver.queue, marks, deliver.log, lambda _: None, LAST, mark_after_seconds=0.001)
    seen: list[dict[str, int]] = []

    def handle(_: Message) -> None:
        assert marked.wait(20)
        seen.append(dict(marks.started))

    consumer.consume({"Records": [record("m")]}, each(handle), lambda: 300_000)

    assert seen == [{"m": 1}]
    assert marks.started == {}


def test_a_message_over_which_processes_die_at_once_is_dead_lettered_after_its_third(deliver: Deliveries) -> None:
    for attempts in (1, 2):
        with pytest.raises(CrashError):
            deliver(record("good", attempts), record("killer", attempts), mark_after_seconds=60)
    with pytest.raises(CrashError):
        deliver(record("killer", 3), mark_after_seconds=60)

    assert deliver(record("killer", 4), mark_after_seconds=60) == {"batchItemFailures": []}

    assert [(body, failure.error) for body, failure in deliver.queue.letters] == [("killer", "CrashedError")]


def test_a_suspect_that_lives_is_suspect_no_more(deliver: Deliveries) -> None:
    deliver.marks.start("good", 1)

    assert deliver(record("good", 2)) == {"batchItemFailures": []}

    assert deliver.marks.started == {}
