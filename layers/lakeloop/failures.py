"""What a queue function asks of its queue, and where it says why a message could not be handled."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Failure:
    """Why a message could not be handled, kept beside the queue because SQS keeps only the message."""

    function: str
    message_id: str
    object: str
    reason: str
    error: str
    attempts: int
    first_failed_at: str
    last_failed_at: str
    correlation_id: str


class FailureLog(Protocol):
    def get(self, function: str, message_id: str) -> Failure | None: ...

    def put(self, failure: Failure) -> None: ...


class Queue(Protocol):
    def retry_after(self, queue_arn: str, receipt_handle: str, seconds: int) -> None:
        """Make a received message visible again after so many seconds."""
