"""How every queue function works through a delivery: partial answers, recorded reasons, retries that make sense."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypedDict

from lakeloop.errors import LakeloopError, PermanentError, TransientError
from lakeloop.failures import Failure, FailureLog, Queue
from lakeloop.messages import Message
from lakeloop.observability import logger, metrics

P = ParamSpec("P")

Failures = Mapping[str, LakeloopError]

FIRST_BACKOFF_SECONDS = 30
LONGEST_BACKOFF_SECONDS = 900


class ItemIdentifier(TypedDict):
    itemIdentifier: str


class BatchResponse(TypedDict):
    """Lambda's answer to an event source with ReportBatchItemFailures."""

    batchItemFailures: list[ItemIdentifier]


def each(handle: Callable[[Message], None]) -> Callable[[Sequence[Message]], Failures]:
    """Handle messages one by one, so that a poisonous one fails alone."""

    def handle_all(messages: Sequence[Message]) -> Failures:
        return {message.id: error for message in messages if (error := attempt(handle, message))}

    return handle_all


def attempt(work: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> LakeloopError | None:
    """Run the work; its error, with anything unforeseen taken as transient and logged with its trace."""
    try:
        work(*args, **kwargs)
    except LakeloopError as error:
        return error
    except Exception as error:  # noqa: BLE001 a bug must not take the rest of the batch with it
        logger.exception("unforeseen error")
        return TransientError(f"unforeseen {type(error).__name__}: {error}")
    return None


def consume(
    event: Mapping[str, Any],
    handle: Callable[[Sequence[Message]], Failures],
    *,
    function: str,
    failure_log: FailureLog,
    queue: Queue,
) -> BatchResponse:
    """Work through one delivery; failed messages stay in the queue with their reason written down."""
    messages = [Message.from_record(record) for record in event["Records"]]
    failures = handle(messages)
    metrics.add_metric(name="MessagesHandled", unit="Count", value=len(messages) - len(failures))
    metrics.add_metric(name="MessagesFailed", unit="Count", value=len(failures))
    for message in messages:
        if error := failures.get(message.id):
            record_failure(message, error, function=function, failure_log=failure_log)
            queue.retry_after(message.queue_arn, message.receipt_handle, backoff_seconds(message.attempts, error))
    return {"batchItemFailures": [{"itemIdentifier": m.id} for m in messages if m.id in failures]}


def backoff_seconds(attempts: int, error: LakeloopError) -> int:
    """Nothing to wait for when the next try must fail too; else doubling from half a minute."""
    if isinstance(error, PermanentError):
        return 0
    return int(min(FIRST_BACKOFF_SECONDS * 2 ** (attempts - 1), LONGEST_BACKOFF_SECONDS))


def record_failure(message: Message, error: LakeloopError, *, function: str, failure_log: FailureLog) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    earlier = failure_log.get(function, message.id)
    failure = Failure(
        function=function,
        message_id=message.id,
        object=error.subject,
        reason=str(error),
        error=type(error).__name__,
        attempts=message.attempts,
        first_failed_at=earlier.first_failed_at if earlier else now,
        last_failed_at=now,
        correlation_id=error.correlation_id,
    )
    failure_log.put(failure)
    logger.warning("message failed", extra={"failure": failure})
