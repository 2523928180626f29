"""Queues, the marks and failures of their messages, and messages themselves."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lakeloop.attempts import Attempts
from lakeloop.failures import Failure
from lakeloop.messages import Message


@dataclass
class MemoryFailureLog:
    failures: dict[tuple[str, str], Failure] = field(default_factory=dict)

    def get(self, function: str, message_id: str) -> Failure | None:
        return self.failures.get((function, message_id))

    def put(self, failure: Failure) -> None:
        self.failures[(failure.function, failure.message_id)] = failure


@dataclass
class MemoryQueue:
    """A queue and its dead-letter queue: the last wait of each message, and the letters."""

    waits: dict[str, int] = field(default_factory=dict)
    calls: list[dict[str, int]] = field(default_factory=list)
    letters: list[tuple[str, Failure]] = field(default_factory=list)

    def wait(self, seconds: Mapping[Message, int]) -> None:
        called = {message.id: wait for message, wait in seconds.items()}
        self.calls.append(called)
        self.waits |= called

    def bury(self, message: Message, failure: Failure) -> None:
        self.letters.append((message.body, failure))


@dataclass
class MemoryMarks:
    started: dict[str, int] = field(default_factory=dict)

    def starts(self, message_id: str) -> int:
        return self.started.get(message_id, 0)

    def start(self, message_id: str, starts: int) -> None:
        self.started[message_id] = starts

    def finish(self, message_id: str) -> None:
        self.started.pop(message_id, None)


def turns(seconds_left: Callable[[], float] = lambda: 300.0) -> Attempts:
    """The turns of a delivery with all the time of the world, over which no process died."""
    return Attempts(MemoryMarks(), seconds_left=seconds_left, foreseen=lambda _: None)


def message(body: object, id_: str = "m1", attempts: int = 1) -> Message:
    text = body if isinstance(body, str) else json.dumps(body)
    return Message(id=id_, body=text, attempts=attempts, receipt_handle=f"receipt-{id_}", sent=0)


def notification(key: str, version: str = "v1", bucket: str = "landing") -> dict[str, object]:
    """An S3 notification with one record; `key` as S3 writes it, form-encoded."""
    entity = {"bucket": {"name": bucket}, "object": {"key": key, "versionId": version, "sequencer": "00"}}
    return {"Records": [{"eventVersion": "2.1", "eventName": "ObjectCreated:Put", "s3": entity}]}
