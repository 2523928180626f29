"""One message's turn: only while there is time, and with a mark for the next process should this one die."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from threading import Event, Timer
from typing import ParamSpec

from lakeloop.errors import LakeloopError, PostponedError, TransientError
from lakeloop.failures import Marks
from lakeloop.observability import logger

P = ParamSpec("P")

# What is left of a delivery's time is for what comes after all turns: the commit of what was prepared.
SHARE_FOR_TURNS = 0.6
LONGEST_WAIT_SECONDS = 900
# Work that takes longer is worth a mark at the first delivery already.
MARK_AFTER_SECONDS = 1.0


class Attempts:
    """The turns of one delivery.

    `seconds_left` are those until the function is ended; `starts` says of messages how often a process died over them;
    `again` are those that were delivered before; `foreseen` makes what clients of AWS raise into an error with a
    sentence, or answers None.
    """

    def __init__(
        self,
        marks: Marks,
        *,
        seconds_left: Callable[[], float],
        foreseen: Callable[[Exception], LakeloopError | None],
        starts: Mapping[str, int] | None = None,
        again: Collection[str] = (),
        mark_after_seconds: float = MARK_AFTER_SECONDS,
    ) -> None:
        self._marks = marks
        self.seconds_left = seconds_left
        self._foreseen = foreseen
        self._starts = starts or {}
        self._again = again
        self._mark_after_seconds = mark_after_seconds
        self._seconds = seconds_left()
        self._taken = 0

    def run(self, message_id: str, work: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> LakeloopError | None:
        """Do the work of one message; its error, or that its time has not come."""
        if self.seconds_left() < self._seconds * (1 - SHARE_FOR_TURNS):
            return PostponedError("there was no time left in the delivery when its turn came")
        self._taken += 1
        with self._marked(message_id) if self._at_once(message_id) else self._marked_later(message_id):
            return self.guarded(work, *args, **kwargs)

    def _at_once(self, message_id: str) -> bool:
        return message_id in self._again or self._mark_after_seconds == 0

    def guarded(self, work: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> LakeloopError | None:
        """Do work that is not one message's; its error, with anything unforeseen taken as transient and logged."""
        try:
            work(*args, **kwargs)
        except LakeloopError as error:
            return error
        except Exception as error:  # noqa: BLE001 a bug must not take the rest of the batch with it
            if foreseen := self._foreseen(error):
                return foreseen
            logger.exception("unforeseen error")
            return TransientError(f"unforeseen {type(error).__name__}: {error}")
        return None

    def turn_after(self, place: int) -> int:
        """Seconds until the time has come for the message at a place (from 1) among those without a turn.

        All at once would be delivered again and again, and each delivery counts.
        """
        seconds_each = (self._seconds - self.seconds_left()) / max(self._taken, 1)
        return min(math.ceil(seconds_each * place), LONGEST_WAIT_SECONDS)

    @contextmanager
    def shared(self, message_ids: Collection[str]) -> Iterator[None]:
        """Work that is several messages', such as their commit.

        A mark is a call each, so only messages that come again have one: the first death over shared work is nobody's,
        after the second each of them runs alone.
        """
        with ExitStack() as marks:
            for message_id in message_ids:
                if message_id in self._again:
                    marks.enter_context(self._marked(message_id))
            yield

    @contextmanager
    def _marked(self, message_id: str) -> Iterator[None]:
        """Bookkeeping: without it a crash is only told late, so it may fail."""
        self._try_to(lambda: self._marks.start(message_id, self._starts.get(message_id, 0) + 1))
        yield
        self._try_to(lambda: self._marks.finish(message_id))

    @contextmanager
    def _marked_later(self, message_id: str) -> Iterator[None]:
        """A mark where the work is not done soon: for most messages it would be two calls more than their work has.

        A death within that time is soon over, and marked when the message comes again.
        """
        written = Event()

        def write() -> None:
            self._try_to(lambda: self._marks.start(message_id, self._starts.get(message_id, 0) + 1))
            written.set()

        timer = Timer(self._mark_after_seconds, write)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
        timer.join()
        if written.is_set():
            self._try_to(lambda: self._marks.finish(message_id))

    def _try_to(self, mark: Callable[[], None]) -> None:
        try:
            mark()
        except Exception:  # noqa: BLE001 the message can be handled without
            logger.exception("a message's mark could not be written")
