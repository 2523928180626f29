"""Queues report their depth and the age of their oldest message to CloudWatch.

Gap in ministack: there are no AWS/SQS metrics, so an alarm on a dead-letter queue could never fire.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

QUEUES = PrivateName("ministack.services.sqs", "_queues")
RECORD = PrivateName(
    "ministack.services.cloudwatch", "record_metric", ("namespace", "metric_name", "value", "unit", "dimensions")
)
TOUCHES = (QUEUES, RECORD)

# A value that stays is reported again before an alarm's shortest usual period has passed without one.
REPEAT_SECONDS = 30

Reading = tuple[str, str, float, str]


def apply(settings: Settings) -> Callable[[], None]:
    return QueueMetrics().report


class QueueMetrics:
    """Reports what changed, and now and then what did not."""

    def __init__(self) -> None:
        self._reported: dict[tuple[str, str], tuple[float, float]] = {}

    def report(self) -> None:
        now = time.time()
        for queue in list(QUEUES.get().values()):
            for name, metric, value, unit in readings(queue, now):
                before, when = self._reported.get((name, metric), (0.0, 0.0))
                if value != before or now - when >= REPEAT_SECONDS:
                    RECORD.get()("AWS/SQS", metric, value, unit, {"QueueName": name})
                    self._reported[name, metric] = value, now


def readings(queue: dict[str, Any], now: float) -> Iterator[Reading]:
    messages = list(queue["messages"])
    visible = [message for message in messages if message["visible_at"] <= now]
    delayed = [m for m in messages if m["visible_at"] > now and not m.get("receive_count")]
    in_flight = len(messages) - len(visible) - len(delayed)
    # A message that was never received makes a queue old, one in flight too; a delayed one does not.
    waiting = [m["sent_at"] for m in messages if m not in delayed]
    age = int(now - min(waiting)) if waiting else 0
    name = queue["name"]
    yield name, "ApproximateNumberOfMessagesVisible", len(visible), "Count"
    yield name, "ApproximateNumberOfMessagesNotVisible", in_flight, "Count"
    yield name, "ApproximateNumberOfMessagesDelayed", len(delayed), "Count"
    yield name, "ApproximateAgeOfOldestMessage", age, "Seconds"
