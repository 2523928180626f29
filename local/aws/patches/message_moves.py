"""Messages go back from a dead-letter queue: StartMessageMoveTask, its list and cancel, ListDeadLetterSourceQueues.

Gap in ministack: all four are InvalidAction. Tasks are not kept over a restart.
"""

import asyncio
import base64
import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

MODULE = "ministack.services.sqs"
HANDLERS = PrivateName(MODULE, "_HANDLERS")
QUEUES = PrivateName(MODULE, "_queues")
QUEUE_BY_ARN = PrivateName(MODULE, "_queue_by_arn", ("arn",))
QUEUE_BY_URL = PrivateName(MODULE, "_get_q", ("url", "action"))
SEND = PrivateName(MODULE, "_act_send_message", ("data", "qurl"))
LOCK = PrivateName(MODULE, "_queues_lock")
ERROR = PrivateName(MODULE, "_Err", ("code", "message", "status"))
TOUCHES = (HANDLERS, QUEUES, QUEUE_BY_ARN, QUEUE_BY_URL, SEND, LOCK, ERROR)

MOST_TASKS_LISTED = 10
MOST_QUEUES_LISTED = 1000

Queue = dict[str, Any]
Request = dict[str, Any]


@dataclass
class MoveTask:
    """One task, running or over."""

    source_arn: str
    destination_arn: str | None
    per_second: int | None
    to_move: int
    moved: int = 0
    status: str = "RUNNING"
    failure: str | None = None
    started_ms: int = field(default_factory=lambda: int(time.time() * 1000))
    handle: str = ""

    def __post_init__(self) -> None:
        identity = {"taskId": str(uuid.uuid4()), "sourceArn": self.source_arn}
        self.handle = base64.b64encode(json.dumps(identity).encode()).decode()

    def entry(self) -> dict[str, Any]:
        described = {
            "TaskHandle": self.handle if self.status == "RUNNING" else None,
            "Status": self.status,
            "SourceArn": self.source_arn,
            "DestinationArn": self.destination_arn,
            "MaxNumberOfMessagesPerSecond": self.per_second,
            "ApproximateNumberOfMessagesMoved": self.moved,
            "ApproximateNumberOfMessagesToMove": self.to_move,
            "FailureReason": self.failure,
            "StartedTimestamp": self.started_ms,
        }
        return {name: value for name, value in described.items() if value is not None}


class MessageMoves:
    """The four operations, in the form of ministack's table of SQS operations."""

    def __init__(self) -> None:
        self._tasks: list[MoveTask] = []
        self._running: set[asyncio.Task[None]] = set()

    def start(self, request: Request, queue_url: str) -> dict[str, Any]:
        source = existing_queue(required(request, "SourceArn"), "SourceArn")
        arn = source["attributes"]["QueueArn"]
        if not any(dead_letter_sources(arn)):
            raise error("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
        destination = request.get("DestinationArn")
        if destination:
            existing_queue(destination, "DestinationArn")
        per_second = request.get("MaxNumberOfMessagesPerSecond")
        if per_second is not None and not 1 <= int(per_second) <= 500:
            raise error("InvalidParameterValue", "MaxNumberOfMessagesPerSecond must be between 1 and 500.")
        if any(task.status == "RUNNING" for task in self._of(arn)):
            raise error(
                "UnsupportedOperation",
                "There is already a task running. Only one active task is allowed for a source queue arn at a time.",
            )
        task = MoveTask(arn, destination, per_second, to_move=len(visible(source)))
        self._tasks.append(task)
        running = asyncio.get_running_loop().create_task(move(task))
        # The loop itself keeps only a weak reference.
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        return {"TaskHandle": task.handle}

    def list_tasks(self, request: Request, queue_url: str) -> dict[str, Any]:
        arn = required(request, "SourceArn")
        existing_queue(arn, "SourceArn")
        wanted = min(int(request.get("MaxResults") or 1), MOST_TASKS_LISTED)
        return {"Results": [task.entry() for task in reversed(self._of(arn))][:wanted]}

    def cancel(self, request: Request, queue_url: str) -> dict[str, Any]:
        handle = required(request, "TaskHandle")
        for task in self._tasks:
            if task.handle == handle and task.status == "RUNNING":
                task.status = "CANCELLED"
                return {"ApproximateNumberOfMessagesMoved": task.moved}
        raise error("ResourceNotFoundException", "Task does not exist or is not running.", 404)

    def list_sources(self, request: Request, queue_url: str) -> dict[str, Any]:
        arn = QUEUE_BY_URL.get()(request.get("QueueUrl") or queue_url)["attributes"]["QueueArn"]
        urls = sorted(queue["url"] for queue in dead_letter_sources(arn))
        first, most = int(request.get("NextToken") or 0), int(request.get("MaxResults") or MOST_QUEUES_LISTED)
        more = {"NextToken": str(first + most)} if first + most < len(urls) else {}
        return {"queueUrls": urls[first : first + most], **more}

    def _of(self, source_arn: str) -> list[MoveTask]:
        return [task for task in self._tasks if task.source_arn == source_arn]


def apply(settings: Settings) -> None:
    moves = MessageMoves()
    HANDLERS.get().update(
        {
            "StartMessageMoveTask": moves.start,
            "ListMessageMoveTasks": moves.list_tasks,
            "CancelMessageMoveTask": moves.cancel,
            "ListDeadLetterSourceQueues": moves.list_sources,
        }
    )


async def move(task: MoveTask) -> None:
    """Move what was visible when the task began, a message at a time."""
    try:
        while task.status == "RUNNING" and task.moved < task.to_move:
            source = existing_queue(task.source_arn, "SourceArn")
            message = next(iter(visible(source)), None)
            if message is None:
                break
            send_again(task, message)
            with LOCK.get():
                source["messages"] = [kept for kept in source["messages"] if kept is not message]
            task.moved += 1
            await asyncio.sleep(1 / task.per_second if task.per_second else 0)
    except Exception as failure:  # noqa: BLE001 - whatever ended the task is its failure reason
        task.status, task.failure = "FAILED", str(failure)
    if task.status == "RUNNING":
        task.status = "COMPLETED"


def send_again(task: MoveTask, message: dict[str, Any]) -> None:
    """As on AWS, the moved message is a new one: new id, nothing received yet, retention from now."""
    arn = task.destination_arn or message["sys"].get("DeadLetterQueueSourceArn", "")
    destination = existing_queue(arn, "DestinationArn")
    trace = message["sys"].get("AWSTraceHeader")
    SEND.get()(
        {
            "QueueUrl": destination["url"],
            "MessageBody": message["body"],
            "MessageAttributes": message["message_attributes"],
            "MessageSystemAttributes": (
                {"AWSTraceHeader": {"DataType": "String", "StringValue": trace}} if trace else {}
            ),
            "MessageGroupId": message["group_id"],
            # With its own id, a FIFO queue would take the message for the one it has seen before.
            "MessageDeduplicationId": str(uuid.uuid4()) if destination["is_fifo"] else None,
        },
        destination["url"],
    )


def visible(queue: Queue) -> list[dict[str, Any]]:
    now = time.time()
    return [message for message in queue["messages"] if message["visible_at"] <= now]


def dead_letter_sources(arn: str) -> Iterator[Queue]:
    for queue in QUEUES.get().values():
        policy = json.loads(queue["attributes"].get("RedrivePolicy") or "{}")
        if policy.get("deadLetterTargetArn") == arn:
            yield queue


def existing_queue(arn: str, parameter: str) -> Queue:
    queue: Queue | None = QUEUE_BY_ARN.get()(arn)
    if queue is None:
        message = f"The resource that you specified for the {parameter} parameter doesn't exist."
        raise error("ResourceNotFoundException", message, 404)
    return queue


def required(request: Request, name: str) -> str:
    value: str | None = request.get(name)
    if not value:
        raise error("MissingParameter", f"The request must contain the parameter {name}.")
    return value


def error(code: str, message: str, status: int = 400) -> Exception:
    made: Exception = ERROR.get()(code, message, status)
    return made
