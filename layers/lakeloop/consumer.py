"""How every queue function works through a delivery: partial answers, recorded reasons, retries that make sense."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any, TypedDict, TypeVar

from lakeloop.attempts import LONGEST_WAIT_SECONDS, MARK_AFTER_SECONDS, Attempts
from lakeloop.errors import CrashedError, LakeloopError, PostponedError
from lakeloop.failures import Failure, FailureLog, Marks, Queue, shortened
from lakeloop.messages import Message, subject
from lakeloop.observability import logger, metrics

T = TypeVar("T")

Failures = Mapping[str, LakeloopError]
Handle = Callable[[Sequence[Message], Attempts], Failures]

FIRST_WAIT_SECONDS = 30
# A message that was being handled when the process died is delivered again after at most this time.
HIDDEN_SECONDS = 90
RENEWED_EACH_SECONDS = 30
# A process may die of what lay beside the message; when it dies of the message alone, that is the cause.
CRASHES = 2
# Why the last delivery of a message ended without a try.
BESIDE = "it was delivered beside a message over which the function had died, and that one runs alone: redrive it"


class ItemIdentifier(TypedDict):
    itemIdentifier: str


class BatchResponse(TypedDict):
    """Lambda's answer to an event source with ReportBatchItemFailures."""

    batchItemFailures: list[ItemIdentifier]


def each(handle: Callable[[Message], None]) -> Handle:
    """Handle messages one by one, so that a poisonous one fails alone."""

    def handle_all(messages: Sequence[Message], attempts: Attempts) -> Failures:
        return {message.id: error for message in messages if (error := attempts.run(message.id, handle, message))}

    return handle_all


def each_in_time(handle: Callable[[Message, Callable[[], float]], None]) -> Handle:
    """The same for work that ends by itself while there is time: it can ask how many seconds are left."""

    def handle_all(messages: Sequence[Message], attempts: Attempts) -> Failures:
        return each(lambda message: handle(message, attempts.seconds_left))(messages, attempts)

    return handle_all


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Consumer:
    """The consumer of one queue.

    A failed message is tried again, after waits that grow, as long as its error has patience; then, and on the last
    delivery that SQS makes, it is sent to the dead-letter queue with its reason. SQS moves only what this could not.
    """

    function: str
    queue: Queue
    marks: Marks
    failure_log: FailureLog
    foreseen: Callable[[Exception], LakeloopError | None]
    last_delivery: int
    clock: Callable[[], datetime] = now
    hidden_seconds: int = HIDDEN_SECONDS
    renewed_each_seconds: float = RENEWED_EACH_SECONDS
    mark_after_seconds: float = MARK_AFTER_SECONDS

    def consume(
        self, event: Mapping[str, Any], handle: Handle, remaining_milliseconds: Callable[[], int]
    ) -> BatchResponse:
        """Work through one delivery; what failed and is not in the dead-letter queue stays in the queue."""
        messages = [Message.from_record(record) for record in event["Records"]]
        self._tell_age(messages)

        def seconds_left() -> float:
            return remaining_milliseconds() / 1000

        with self._hidden(messages, seconds_left) as hidden:
            starts = self._starts(messages)
            again = [message.id for message in messages if message.attempts > 1]
            attempts = Attempts(
                self.marks,
                seconds_left=seconds_left,
                foreseen=self.foreseen,
                starts=starts,
                again=again,
                mark_after_seconds=self.mark_after_seconds,
            )
            crashed = self._crashed(messages, starts)
            working = company(messages, starts)
            idle = [message for message in messages if message not in working and message.id not in crashed]
            beside = [message for message in idle if message.attempts < self.last_delivery]
            hidden[:] = [message for message in messages if message not in beside]
            self._bookkeep("let go", lambda: self.queue.wait(dict.fromkeys(beside, 0)))
            spent = {message.id: PostponedError(BESIDE) for message in idle if message not in beside}
            failures = {**crashed, **spent, **handle(working, attempts)}
        waits = self._settled([message for message in messages if message not in beside], failures, attempts)
        return {"batchItemFailures": [{"itemIdentifier": m.id} for m in messages if m in waits or m in beside]}

    def _tell_age(self, messages: Sequence[Message]) -> None:
        """SQS leaves messages that were received three times out of the age it tells, which are those that wait."""
        ages = [self.clock().timestamp() - message.sent for message in messages]
        # The clock may be behind that of SQS.
        metrics.add_metric(name="OldestMessageAge", unit="Seconds", value=max(0.0, *ages))

    def _starts(self, messages: Sequence[Message]) -> dict[str, int]:
        """How often processes died over a message, of those that come again."""
        again = [message for message in messages if message.attempts > 1]
        found = {m.id: self._bookkeep("mark", lambda m=m: self.marks.starts(m.id)) for m in again}  # type: ignore[misc]
        return {id_: starts for id_, starts in found.items() if starts}

    def _crashed(self, messages: Sequence[Message], starts: Mapping[str, int]) -> dict[str, LakeloopError]:
        return {
            message.id: CrashedError(
                f"{self.function} crashed or timed out while it worked on this alone: its log says more"
            )
            for message in messages
            if starts.get(message.id, 0) >= CRASHES
        }

    def _settled(self, messages: Sequence[Message], failures: Failures, attempts: Attempts) -> dict[Message, int]:
        """Give each message that was not handled its due; seconds until they come again, of those that do."""
        waits: dict[Message, int] = {}
        without_turn = [message for message in messages if self._has_had_no_turn(message, failures)]
        for place, message in enumerate(without_turn, start=1):
            waits[message] = attempts.turn_after(place)
        failed = [message for message in messages if message.id in failures and message not in waits]
        for message in failed:
            if (seconds := self._failed(message, failures[message.id])) is not None:
                waits[message] = seconds
        self._bookkeep("wait", lambda: self.queue.wait(waits))
        if without_turn:
            logger.warning("no time left", extra={"postponed": len(without_turn), "delivered": len(messages)})
        metrics.add_metric(name="MessagesHandled", unit="Count", value=len(messages) - len(failures))
        metrics.add_metric(name="MessagesFailed", unit="Count", value=len(failed))
        metrics.add_metric(name="MessagesPostponed", unit="Count", value=len(without_turn))
        return waits

    def _has_had_no_turn(self, message: Message, failures: Failures) -> bool:
        return isinstance(failures.get(message.id), PostponedError) and message.attempts < self.last_delivery

    def _failure(self, message: Message, error: LakeloopError) -> Failure:
        at = self.clock().isoformat(timespec="seconds")
        # Only a message that comes again can have failed before.
        earlier = self._bookkeep("look up", lambda: self._earlier(message)) if message.attempts > 1 else None
        return Failure(
            function=self.function,
            message_id=message.id,
            object=error.subject or subject(message.body),
            reason=shortened(str(error)),
            error=type(error).__name__,
            attempts=earlier.attempts + 1 if earlier else 1,
            first_failed_at=earlier.first_failed_at if earlier else at,
            last_failed_at=at,
            correlation_id=error.correlation_id,
        )

    def _earlier(self, message: Message) -> Failure | None:
        return self.failure_log.get(self.function, message.id)

    def _failed(self, message: Message, error: LakeloopError) -> int | None:
        """Write a failure down; seconds until the next try, None when the message is in the dead-letter queue."""
        failure = self._failure(message, error)
        self._bookkeep("record", lambda: self.failure_log.put(failure))
        logger.warning("message failed", extra={"failure": failure})
        seconds = wait_seconds(message.attempts, error, failure)
        if (seconds == 0 or message.attempts >= self.last_delivery) and self._buried(message, failure):
            metrics.add_metric(name="DeadLetters", unit="Count", value=1)
            return None
        return seconds

    def _buried(self, message: Message, failure: Failure) -> bool:
        """Whether the message is in the dead-letter queue. A crash before this is reported buries it twice."""

        def bury() -> bool:
            self.queue.bury(message, failure)
            return True

        if not self._bookkeep("dead-letter", bury):
            return False
        self._bookkeep("mark", lambda: self.marks.finish(message.id))
        return True

    @contextmanager
    def _hidden(self, messages: Sequence[Message], seconds_left: Callable[[], float]) -> Iterator[list[Message]]:
        """Keep the messages from others for as long as this process lives, and little longer; the list may be cut.

        The queue hides them for six times the function's timeout, so that a crash would hide them for half an hour.
        """

        def hide() -> None:
            # The last second counts: visible before the process is dead, a message is handled twice.
            seconds = min(self.hidden_seconds, math.ceil(seconds_left()))
            if seconds > 0:
                self._bookkeep("hide", lambda: self.queue.wait(dict.fromkeys(hidden, seconds)))

        def renew() -> None:
            while not over.wait(self.renewed_each_seconds):
                hide()

        hidden = list(messages)
        over = Event()
        hide()
        thread = Thread(target=renew, daemon=True)
        thread.start()
        try:
            yield hidden
        finally:
            over.set()
            thread.join()

    def _bookkeep(self, what: str, work: Callable[[], T]) -> T | None:
        """What is done about messages beside handling them: when it fails, the delivery goes on without it."""
        try:
            return work()
        except Exception:  # noqa: BLE001 no bookkeeping is worth a batch
            logger.exception("bookkeeping failed", extra={"bookkeeping": what})
            return None


def company(messages: Sequence[Message], starts: Mapping[str, int]) -> list[Message]:
    """What to work on: a message over which a process died comes alone, so that it takes no other with it."""
    suspects = [message for message in messages if 0 < starts.get(message.id, 0) < CRASHES]
    return suspects[:1] or [message for message in messages if message.id not in starts]


def wait_seconds(deliveries: int, error: LakeloopError, failure: Failure) -> int:
    """Doubling from half a minute to a quarter of an hour, and no longer than the error has patience; 0 gives up."""
    waited = datetime.fromisoformat(failure.last_failed_at) - datetime.fromisoformat(failure.first_failed_at)
    growing: int = min(FIRST_WAIT_SECONDS * 2 ** (deliveries - 1), LONGEST_WAIT_SECONDS)
    return max(0, min(growing, error.patience_seconds - int(waited.total_seconds())))
