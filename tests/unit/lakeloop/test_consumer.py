"""Partial answers, recorded reasons, retries that make sense."""

from typing import Any

import pytest

from lakeloop.consumer import BatchResponse, backoff_seconds, consume, each
from lakeloop.errors import LakeloopError, PermanentError, TransientError
from lakeloop.messages import Message
from tests.fakes import MemoryFailureLog, MemoryQueue


def record(id_: str, attempts: int = 1) -> dict[str, Any]:
    return {
        "messageId": id_,
        "body": id_,
        "receiptHandle": f"receipt-{id_}",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:q",
        "attributes": {"ApproximateReceiveCount": str(attempts)},
    }


def handle(message: Message) -> None:
    match message.body:
        case "permanent":
            raise PermanentError("no such thing", subject="s3://a/b", correlation_id="c")
        case "transient":
            raise TransientError("try later")
        case "bug":
            raise KeyError("surprise")


class Delivery:
    def __init__(self) -> None:
        self.log = MemoryFailureLog()
        self.queue = MemoryQueue()

    def __call__(self, *records: dict[str, Any]) -> BatchResponse:
        return consume({"Records": list(records)}, each(handle), function="f", failure_log=self.log, queue=self.queue)


def test_only_the_failed_messages_are_answered() -> None:
    answer = Delivery()(record("good"), record("permanent"), record("bug"))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "permanent"}, {"itemIdentifier": "bug"}]}


def test_the_reason_is_kept_with_object_tries_and_times() -> None:
    delivery = Delivery()
    delivery(record("permanent", attempts=1))
    first = delivery.log.failures[("f", "permanent")]

    delivery(record("permanent", attempts=2))

    failure = delivery.log.failures[("f", "permanent")]
    assert (failure.object, failure.reason, failure.error) == ("s3://a/b", "no such thing", "PermanentError")
    assert (failure.attempts, failure.first_failed_at, failure.correlation_id) == (2, first.first_failed_at, "c")


def test_a_permanent_error_is_retried_at_once_and_a_transient_one_later() -> None:
    delivery = Delivery()

    delivery(record("permanent"), record("transient", attempts=2))

    assert delivery.queue.retries == [("receipt-permanent", 0), ("receipt-transient", 60)]


def test_a_bug_is_told_by_its_type_and_text() -> None:
    delivery = Delivery()

    delivery(record("bug"))

    assert delivery.log.failures[("f", "bug")].reason == "unforeseen KeyError: 'surprise'"


@pytest.mark.parametrize(
    ("attempts", "error", "seconds"),
    [
        (1, TransientError("x"), 30),
        (3, TransientError("x"), 120),
        (12, TransientError("x"), 900),
        (3, PermanentError("x"), 0),
    ],
)
def test_the_wait_doubles_up_to_a_quarter_of_an_hour(attempts: int, error: LakeloopError, seconds: int) -> None:
    assert backoff_seconds(attempts, error) == seconds
