"""What a queue function asks of its queues, and where it says why a message could not be handled."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from lakeloop.messages import Message

LONGEST_REASON = 500


@dataclass(frozen=True)
class Failure:
    """Why a message could not be handled: `attempts` tries of it failed, `message_id` is its id in its own queue."""

    function: str
    message_id: str
    object: str
    reason: str
    error: str
    attempts: int
    first_failed_at: str
    last_failed_at: str
    correlation_id: str


def shortened(reason: str, length: int = LONGEST_REASON) -> str:
    """A reason that a line of a terminal and an attribute of a message can hold."""
    return reason if len(reason) <= length else f"{reason[: length - 4]} ..."


class FailureLog(Protocol):
    """Reasons of messages that are still tried, and of those that SQS gave up on by itself."""

    def get(self, function: str, message_id: str) -> Failure | None: ...

    def put(self, failure: Failure) -> None: ...


class Queue(Protocol):
    """A function's queue and its dead-letter queue."""

    def wait(self, seconds: Mapping[Message, int]) -> None:
        """Make each received message visible again after so many seconds; one that is gone meanwhile is left alone."""

    def bury(self, message: Message, failure: Failure) -> None:
        """Send the message to the dead-letter queue: its body unchanged, the failure as attributes.

        Sent twice, there are two letters with one `message_id`. Raises when it cannot be sent.
        """


class Marks(Protocol):
    """Which messages are being worked on, where the next process can read it."""

    def starts(self, message_id: str) -> int:
        """How often the message was started and not finished."""

    def start(self, message_id: str, starts: int) -> None: ...

    def finish(self, message_id: str) -> None: ...
