"""Partial answers, recorded reasons, retries, and turns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from lakeloop.attempts import Attempts
from lakeloop.consumer import Consumer, Failures, each_in_time
from lakeloop.errors import EmptyObjectError, LakeloopError, PermanentError, PostponedError, TransientError
from lakeloop.failures import Failure, shortened
from lakeloop.messages import Message
from lakeloop.observability import metrics
from tests.fakes import MemoryFailureLog, MemoryMarks, message, turns
from tests.metrics import counted
from tests.unit.lakeloop.deliveries import LAST, Deliveries, record


@pytest.fixture
def deliver() -> Deliveries:
    return Deliveries()


def test_a_message_that_failed_for_good_is_dead_lettered_in_one_try_and_reported_as_done(deliver: Deliveries) -> None:
    answer = deliver(record("good"), record("permanent", body="as it came"))

    assert answer == {"batchItemFailures": []}
    at = "2026-11-26T00:00:00+00:00"
    assert deliver.queue.letters == [
        ("as it came", Failure("f", "permanent", "s3://a/b", "no such thing", "PermanentError", 1, at, at, "c"))
    ]


def test_only_what_is_tried_again_is_answered(deliver: Deliveries) -> None:
    answer = deliver(record("good"), record("transient"), record("bug"))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "transient"}, {"itemIdentifier": "bug"}]}
    assert deliver.queue.letters == []


def test_each_message_of_a_delivery_is_counted_as_what_became_of_it(deliver: Deliveries) -> None:
    deliver(record("permanent"), record("transient"), record("slow-1"), record("slow-2"), record("late"))

    told = counted()
    assert told.pop("OldestMessageAge") >= 0
    assert told == {"MessagesHandled": 2, "MessagesFailed": 2, "MessagesPostponed": 1, "DeadLetters": 1}


def test_a_first_delivery_costs_no_look_at_what_happened_before(deliver: Deliveries) -> None:
    @dataclass
    class Read(MemoryMarks, MemoryFailureLog):
        ids: list[str] = field(default_factory=list)

        def starts(self, message_id: str) -> int:
            self.ids.append(message_id)
            return super().starts(message_id)

        def get(self, function: str, message_id: str) -> Failure | None:
            self.ids.append(message_id)
            return super().get(function, message_id)

    read = Read()
    deliver(record("good"), record("transient"), marks=read, failure_log=read)
    assert read.ids == []

    deliver(record("good", 2), record("transient", 2), marks=read, failure_log=read)
    assert read.ids == ["good", "transient", "transient"]


def test_second_failure_while_red_is_counted_as_the_first_was(deliver: Deliveries) -> None:
    """The case second-failure-while-red: each letter is counted when it is sent, and what waits is not."""
    for name in ("permanent", "permanent-too"):
        metrics.clear_metrics()

        deliver(record(name), record("transient"))

        assert counted()["DeadLetters"] == 1


def test_a_message_that_comes_again_after_its_patience_is_over_is_dead_lettered(deliver: Deliveries) -> None:
    deliver(record("transient"))
    deliver.at += timedelta(hours=4)

    assert deliver(record("transient", attempts=2)) == {"batchItemFailures": []}

    [(_, failure)] = deliver.queue.letters
    assert (failure.attempts, failure.first_failed_at) == (2, "2026-11-26T00:00:00+00:00")


def test_waits_grow_to_a_quarter_of_an_hour_and_last_at_least_two_hours(deliver: Deliveries) -> None:
    waits, letter = deliver.until_given_up("transient")

    assert waits[:6] == [30, 60, 120, 240, 480, 900]
    assert max(waits) == 900
    assert sum(waits) == 3 * 3600
    assert (letter.attempts, letter.first_failed_at) == (len(waits) + 1, "2026-11-26T00:00:00+00:00")
    assert letter.last_failed_at == "2026-11-26T03:00:00+00:00"


def test_an_empty_object_waits_ten_minutes(deliver: Deliveries) -> None:
    waits, letter = deliver.until_given_up("empty")

    assert sum(waits) == 600
    assert letter.error == "EmptyObjectError"


def test_the_last_delivery_does_not_wait(deliver: Deliveries) -> None:
    assert deliver(record("transient", attempts=LAST)) == {"batchItemFailures": []}

    assert deliver.queue.letters[0][1].reason == "try later"


def test_a_bug_is_told_by_its_type_and_text_and_names_the_object_of_its_message(deliver: Deliveries) -> None:
    body = '{"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": "a+b.csv", "versionId": "v"}}}]}'

    deliver(record("bug", body=body))

    failure = deliver.log.failures[("f", "bug")]
    assert failure.reason == "unforeseen KeyError: 'surprise'"
    assert failure.object == "s3://b/a b.csv?versionId=v"


def test_an_error_of_a_client_has_the_meaning_its_adapter_gives_it(deliver: Deliveries) -> None:
    deliver(record("denied"))

    assert deliver.queue.letters[0][1].reason == "foreseen"


def test_a_reason_is_at_most_500_characters(deliver: Deliveries) -> None:
    def handle(messages: Sequence[Message], attempts: Attempts) -> Failures:
        return {"m": PermanentError("x" * 100_000_000)}

    consumer = Consumer("f", deliver.queue, deliver.marks, deliver.log, lambda _: None, LAST)
    consumer.consume({"Records": [record("m")]}, handle, lambda: 300_000)

    assert len(deliver.queue.letters[0][1].reason) == 500


@pytest.mark.parametrize(("length", "kept"), [(500, "x" * 500), (501, f"{'x' * 496} ...")], ids=["whole", "cut"])
def test_a_reason_that_is_cut_says_so(length: int, kept: str) -> None:
    assert shortened("x" * length) == kept


class Away:
    """Answers nothing."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 any method
        raise ConnectionError(name)


@pytest.mark.parametrize("part", ["queue", "marks", "failure_log"])
def test_the_bookkeeping_of_a_failure_cannot_fail_its_batch(deliver: Deliveries, part: str) -> None:
    answer = deliver(record("good"), record("transient", attempts=3), record("permanent"), **{part: Away()})

    expected = {"transient"} if part != "queue" else {"transient", "permanent"}
    assert {item["itemIdentifier"] for item in answer["batchItemFailures"]} == expected
    assert "good" in deliver.handled


def test_what_has_no_turn_comes_again_one_after_the_other_and_has_not_failed(deliver: Deliveries) -> None:
    answer = deliver(*(record(id_) for id_ in ("slow-1", "slow-2", "late-1", "late-2")))

    assert deliver.handled == ["slow-1", "slow-2"]
    assert [item["itemIdentifier"] for item in answer["batchItemFailures"]] == ["late-1", "late-2"]
    assert deliver.queue.waits["late-1"] == 100
    assert deliver.queue.waits["late-2"] == 200
    assert deliver.log.failures == {}


def test_what_never_has_a_turn_says_so_in_the_dead_letter_queue(deliver: Deliveries) -> None:
    deliver(record("slow-1"), record("slow-2"), record("late", attempts=LAST))

    assert "no time left" in deliver.queue.letters[0][1].reason


def test_messages_are_hidden_first_and_for_no_longer_than_the_function_lives(deliver: Deliveries) -> None:
    deliver(record("good"), record("good-2"))
    deliver.seconds_left = 39.2
    deliver(record("good-3"))

    assert deliver.queue.calls[0] == {"good": 90, "good-2": 90}
    assert {"good-3": 40} in deliver.queue.calls


@pytest.mark.parametrize(("seconds_left", "hidden"), [(1.999, [{"good": 2}]), (0, [])])
def test_messages_are_not_shown_to_others_by_hiding_them_for_no_time(
    deliver: Deliveries, seconds_left: float, hidden: list[dict[str, int]]
) -> None:
    deliver.seconds_left = seconds_left

    deliver(record("good"))

    assert [call for call in deliver.queue.calls if call] == hidden


def test_messages_stay_hidden_while_they_are_worked_on(deliver: Deliveries) -> None:
    renewed = 3

    def handle(messages: Sequence[Message], attempts: Attempts) -> Failures:
        while len(deliver.queue.calls) < renewed + 1:
            pass
        return {}

    consumer = Consumer(
        "f", deliver.queue, deliver.marks, deliver.log, lambda _: None, LAST, renewed_each_seconds=0.001
    )
    consumer.consume({"Records": [record("m")]}, handle, lambda: 300_000)

    assert all(call in ({"m": 90}, {}) for call in deliver.queue.calls)


def test_the_age_of_the_message_that_waits_longest_is_told_however_often_it_was_received(deliver: Deliveries) -> None:
    deliver(record("good", waited_seconds=5), record("transient", attempts=17, waited_seconds=7200.5))

    [age] = metrics.metric_set["OldestMessageAge"]["Value"]
    assert (age, metrics.metric_set["OldestMessageAge"]["Unit"]) == (7200.5, "Seconds")


def test_a_clock_that_is_behind_that_of_sqs_makes_no_age_below_nothing(deliver: Deliveries) -> None:
    deliver(record("good", waited_seconds=-3))

    assert metrics.metric_set["OldestMessageAge"]["Value"] == [0]


@dataclass
class Clock:
    """Turns in a delivery of 300 seconds; each takes as long as it is told to."""

    left: float = 300

    def __post_init__(self) -> None:
        self.attempts = turns(lambda: self.left)

    def turn(self, seconds: float) -> LakeloopError | None:
        def work() -> None:
            self.left -= seconds

        return self.attempts.run("m", work)


def test_turns_are_taken_in_the_first_three_fifths_of_a_delivery() -> None:
    clock = Clock()

    assert clock.turn(180) is None
    assert clock.turn(1) is None
    assert isinstance(clock.turn(0), PostponedError)


def test_what_had_no_turn_waits_as_long_as_the_turns_before_it_take_as_those_did_that_were_taken() -> None:
    clock = Clock()
    clock.turn(190.5)

    assert [clock.attempts.turn_after(place) for place in (1, 2, 5)] == [191, 381, 900]


def test_work_that_ends_by_itself_asks_how_long_there_is_message_by_message() -> None:
    clock = Clock()
    asked: list[float] = []

    def handle(given: Message, seconds_left: Callable[[], float]) -> None:
        asked.append(seconds_left())
        clock.left -= 100
        if given.id == "bad":
            raise PermanentError("no such thing")

    failures = each_in_time(handle)([message("", "bad"), message("", "good")], clock.attempts)

    assert (list(failures), asked) == (["bad"], [300, 200])


def test_what_had_no_turn_because_the_time_went_before_the_first_waits_as_long() -> None:
    clock = Clock()
    clock.left = 100

    assert isinstance(clock.turn(0), PostponedError)
    assert clock.attempts.turn_after(1) == 200


@pytest.mark.parametrize("error", [PermanentError, TransientError, EmptyObjectError])
def test_each_error_says_how_long_it_has_patience(error: type[LakeloopError]) -> None:
    assert error.patience_seconds >= 0
