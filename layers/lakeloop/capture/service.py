"""Told predictions become objects: those of one delivery together, hour by hour."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from lakeloop import names
from lakeloop.attempts import Attempts
from lakeloop.capture.keys import capture_key
from lakeloop.capture.message import captures_of
from lakeloop.capture.ports import CaptureStore
from lakeloop.capture.record import Capture
from lakeloop.consumer import Failures
from lakeloop.errors import LakeloopError, MalformedMessageError
from lakeloop.messages import Message
from lakeloop.observability import metrics

Hour = tuple[str, datetime]


class CaptureService:
    """The work of `capture_predictions`.

    An object is named by the messages in it, so a delivery that comes again writes the same. One message that comes
    again beside others lies in two objects: readers tell each prediction once, by its identity.
    """

    def __init__(self, store: CaptureStore) -> None:
        self._store = store

    def handle(self, messages: Sequence[Message], attempts: Attempts) -> Failures:
        failures: dict[str, LakeloopError] = {}
        hours: dict[Hour, dict[str, list[Capture]]] = defaultdict(dict)
        for message in messages:
            found: list[Capture] = []
            if error := attempts.run(message.id, self._read, message, found):
                failures[message.id] = error
            for capture in found:
                hour = capture.predicted_at.replace(minute=0, second=0, microsecond=0)
                hours[capture.dataset, hour].setdefault(message.id, []).append(capture)
        with attempts.shared([message.id for message in messages if message.id not in failures]):
            for of_hour, by_message in hours.items():
                if error := attempts.guarded(self._write, of_hour, by_message):
                    failures |= dict.fromkeys(by_message, error)
        return failures

    def _read(self, message: Message, found: list[Capture]) -> None:
        captures = captures_of(message.body, self._store.stored)
        for capture in captures:
            if not names.DATASET_NAME.fullmatch(capture.dataset):
                raise MalformedMessageError("not the captures of predictions: no dataset may be called so")
        found += captures

    def _write(self, hour: Hour, by_message: dict[str, list[Capture]]) -> None:
        once = {capture.identity: capture for captures in by_message.values() for capture in captures}
        self._store.write(capture_key(*hour, sorted(by_message)), list(once.values()))
        metrics.add_metric(name="CapturesKept", unit="Count", value=len(once))
