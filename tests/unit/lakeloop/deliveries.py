"""Deliveries to one queue's consumer, in memory."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from lakeloop.consumer import BatchResponse, Consumer, each
from lakeloop.errors import EmptyObjectError, PermanentError, TransientError
from lakeloop.failures import Failure
from lakeloop.messages import Message
from tests.fakes import CrashError, MemoryFailureLog, MemoryMarks, MemoryQueue

LAST = 30
MIDNIGHT = datetime(2026, 11, 26, tzinfo=UTC)


def record(id_: str, attempts: int = 1, body: str = "", waited_seconds: float = 0) -> dict[str, Any]:
    return {
        "messageId": id_,
        "body": body or id_,
        "receiptHandle": f"receipt-{id_}",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:q",
        "attributes": {
            "ApproximateReceiveCount": str(attempts),
            "SentTimestamp": str(int((MIDNIGHT.timestamp() - waited_seconds) * 1000)),
        },
    }


@dataclass
class Deliveries:
    """One queue's consumer, with a clock that the test moves; messages do what they are called."""

    queue: MemoryQueue = field(default_factory=MemoryQueue)
    marks: MemoryMarks = field(default_factory=MemoryMarks)
    log: MemoryFailureLog = field(default_factory=MemoryFailureLog)
    at: datetime = MIDNIGHT
    seconds_left: float = 300
    handled: list[str] = field(default_factory=list)

    def __call__(self, *records: dict[str, Any], **changes: Any) -> BatchResponse:  # noqa: ANN401 any field
        consumer = Consumer(
            **{
                "function": "f",
                "queue": self.queue,
                "marks": self.marks,
                "failure_log": self.log,
                "foreseen": lambda error: PermanentError("foreseen") if isinstance(error, OSError) else None,
                "last_delivery": LAST,
                "clock": lambda: self.at,
                # As work that lasts longer has it.
                "mark_after_seconds": 0,
                **changes,
            }
        )
        return consumer.consume({"Records": list(records)}, each(self._handle), lambda: int(self.seconds_left * 1000))

    def _handle(self, message: Message) -> None:
        self.handled.append(message.id)
        match message.id.partition("-")[0]:
            case "permanent":
                raise PermanentError("no such thing", subject="s3://a/b", correlation_id="c")
            case "transient":
                raise TransientError("try later")
            case "empty":
                raise EmptyObjectError("no bytes")
            case "bug":
                raise KeyError("surprise")
            case "denied":
                raise OSError
            case "slow":
                self.seconds_left -= 100
            case "killer":
                raise CrashError

    def until_given_up(self, id_: str) -> tuple[list[int], Failure]:
        """The waits of a message that fails whenever it comes, and its letter."""
        waits: list[int] = []
        for attempts in range(1, LAST + 1):
            if not self(record(id_, attempts))["batchItemFailures"]:
                return waits, self.queue.letters[-1][1]
            waits.append(self.queue.waits[id_])
            self.at += timedelta(seconds=waits[-1])
        raise AssertionError("left to SQS")
