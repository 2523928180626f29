"""State changes on their way to EventBridge: kept until delivered, each delivered as often as the settings say."""

import json
import logging
import threading
import time
import urllib.error
import urllib.request

from lakeloop.local.sagemaker.documents import Document, Json, names_and_values
from lakeloop.local.sagemaker.faults import FaultBoard
from lakeloop.local.sagemaker.settings import Settings
from lakeloop.local.sagemaker.store import Store

log = logging.getLogger(__name__)
RETRY_SECONDS = 1.0
# Between the copies of an event, so that a consumer has most likely handled the first.
COPY_SECONDS = 0.2
# A proxy in the environment has nothing to do with loopback.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Events:
    """Writing an event is part of the transaction that changes the state; delivering it is a thread of its own."""

    def __init__(self, settings: Settings, store: Store, faults: FaultBoard) -> None:
        self._settings = settings
        self._store = store
        self._faults = faults
        self._wake = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._deliver_all, name="events", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def emit(self, detail_type: str, arn: str, detail: Document) -> None:
        now = time.time()
        entry = {
            "Source": "aws.sagemaker",
            "DetailType": detail_type,
            "Detail": json.dumps(detail),
            "Resources": [arn],
            "Time": now,
        }
        status = next((value for name, value in detail.items() if name.endswith("Status")), "")
        log.info("event %s: %s %s", detail_type, arn, status)
        if not self._settings.events_url:
            return
        delay = self._settings.event_delay_seconds + self._faults.current.event_delay_seconds
        for copy in range(self._settings.event_copies):
            self._store.add_event(now + delay + copy * COPY_SECONDS, entry)
        self._wake.set()

    def close(self) -> None:
        self._closed = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2)

    def _deliver_all(self) -> None:
        while not self._closed:
            self._wake.clear()
            event = self._store.next_event()
            if event is None:
                self._wake.wait()
                continue
            number, due, entry = event
            wait = due - time.time()
            if wait > 0:
                self._wake.wait(wait)
            elif self._deliver(entry):
                self._store.remove_event(number)
            else:
                self._wake.wait(RETRY_SECONDS)

    def _deliver(self, entry: Document) -> bool:
        request = urllib.request.Request(  # noqa: S310 - the address is that of the local emulator
            self._settings.events_url,
            data=json.dumps({"Entries": [entry]}).encode(),
            headers={"Content-Type": "application/json", "X-Lakeloop-Token": self._settings.events_token},
        )
        try:
            with DIRECT.open(request, timeout=10) as answer:
                result = json.load(answer)
        except (urllib.error.URLError, OSError, json.JSONDecodeError) as error:
            log.warning("event %s is not delivered yet: %s", entry["DetailType"], error)
            return False
        if result.get("FailedEntryCount"):
            # Trying again would not help: the bus says why it does not take this one.
            log.error("event %s was refused: %s", entry["DetailType"], result["Entries"])
        return True


def detail_of(document: Document, *members: str) -> Document:
    """The members of a resource that its events carry: times in milliseconds, tags as an object, the rest as it is."""
    detail = {name: _event_value(name, document.get(name)) for name in members}
    return {**detail, "Tags": names_and_values(document.get("Tags", []))}


def _event_value(name: str, value: Json) -> Json:
    if isinstance(value, dict):
        return {below: _event_value(below, item) for below, item in value.items()}
    if isinstance(value, list):
        return [_event_value(name, item) for item in value]
    if name.endswith("Time") and isinstance(value, float):
        return int(value * 1000)
    return value
