"""A queue's event source mapping gathers up to BatchSize messages within its window, and no more than an event holds.

Gap in ministack: a batch has at most 10 messages and leaves at once, whatever BatchSize and
MaximumBatchingWindowInSeconds say; a BatchSize above 10 without a window is accepted.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html

On AWS messages are in flight while they are gathered; here they stay visible until the batch leaves.
"""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

QUEUES, LAMBDA = "ministack.services.sqs", "ministack.services.lambda_svc"
RECEIVE = PrivateName(QUEUES, "_receive_messages_for_esm", ("queue_url", "max_number"))
FIND_QUEUE = PrivateName(QUEUES, "_get_q", ("url", "action"))
LOCK = PrivateName(QUEUES, "_queues_lock")
EXPIRE = PrivateName(QUEUES, "_expire_retained", ("q",))
BURY = PrivateName(QUEUES, "_dlq_sweep", ("q",))
COLLECT = PrivateName(QUEUES, "_collect_msgs", ("q", "max_n", "vis_timeout"))
MAPPINGS = PrivateName(LAMBDA, "_esms")
CREATE = PrivateName(LAMBDA, "_create_esm", ("data",))
REFUSE = PrivateName(
    LAMBDA, "error_response_json", ("code", "message", "status", "extra", "message_key", "content_type")
)
WAKE = PrivateName(LAMBDA, "_esm_wake")
TOUCHES = (RECEIVE, FIND_QUEUE, LOCK, EXPIRE, BURY, COLLECT, MAPPINGS, CREATE, REFUSE, WAKE)

# What one invocation takes, the event around the bodies included.
MOST_BYTES = 6 * 1024 * 1024
# Ids, times, ARNs and names of one record of the event.
RECORD_BYTES = 900
# Above this many messages AWS asks for a window.
WINDOWLESS_BATCH = 10


def apply(settings: Settings) -> None:
    RECEIVE.wrap(lambda original: Gathering(original).receive)
    CREATE.wrap(only_with_a_window)


def only_with_a_window(original: Callable[..., Any]) -> Callable[..., Any]:
    def create(data: dict[str, Any]) -> Any:  # noqa: ANN401 - a response of ministack's
        from_queue = ":sqs:" in data.get("EventSourceArn", "")
        window = data.get("MaximumBatchingWindowInSeconds") or 0
        if from_queue and data.get("BatchSize", WINDOWLESS_BATCH) > WINDOWLESS_BATCH and window < 1:
            message = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
            return REFUSE.get()("InvalidParameterValueException", message, 400)
        return original(data)

    return create


class Gathering:
    """Lets a batch go when it is full or its window has passed; the poller asks again and again."""

    def __init__(self, original: Callable[[str, int], list[dict[str, Any]]]) -> None:
        self._original = original
        self._since: dict[str, float] = {}

    def receive(self, queue_url: str, max_number: int) -> list[dict[str, Any]]:
        with LOCK.get():
            queue = FIND_QUEUE.get()(queue_url)
            if not queue["is_fifo"]:
                return self._batch(queue, max_number)
        return self._original(queue_url, max_number)

    def _batch(self, queue: dict[str, Any], most: int) -> list[dict[str, Any]]:
        EXPIRE.get()(queue)
        BURY.get()(queue)
        now = time.time()
        waiting = [message for message in queue["messages"] if message["visible_at"] <= now]
        name = queue["attributes"]["QueueArn"]
        if not waiting:
            self._since.pop(name, None)
            return []
        fitting = how_many_fit(waiting)
        full = len(waiting) >= most or fitting < len(waiting)
        if not full and not self._window_has_passed(name, now):
            return []
        self._since.pop(name, None)
        timeout = int(queue["attributes"].get("VisibilityTimeout", "30"))
        batch: list[dict[str, Any]] = COLLECT.get()(queue, min(most, fitting), timeout)
        return batch

    def _window_has_passed(self, name: str, now: float) -> bool:
        window = window_of(name)
        if window and name not in self._since:
            self._since[name] = now
            # The poller would otherwise sleep up to a second longer.
            end = threading.Timer(window, WAKE.get().set)
            end.daemon = True
            end.start()
        return now - self._since.get(name, now - window) >= window


def window_of(queue_arn: str) -> float:
    windows = (
        mapping.get("MaximumBatchingWindowInSeconds") or 0
        for mapping in list(MAPPINGS.get()._data.values())
        if mapping.get("EventSourceArn") == queue_arn
    )
    return max(windows, default=0)


def how_many_fit(messages: list[dict[str, Any]]) -> int:
    """Of the first messages, as many as one event holds; always one."""
    size = 0
    for number, message in enumerate(messages):
        size += len(json.dumps(message["body"])) + RECORD_BYTES
        if size > MOST_BYTES and number:
            return number
    return len(messages)
