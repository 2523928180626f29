"""Things that are collected at once and handed on together from a thread of their own, so that no request waits."""

import threading
from collections import defaultdict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

FLUSH_SECONDS = 1.0
CLOSE_SECONDS = 5.0


class Batches(Generic[Key, Value]):
    """Hands on what came in for each key about once a second, and the rest when it is closed."""

    def __init__(self, name: str, hand_on: Callable[[Key, list[Value]], None]) -> None:
        self._hand_on = hand_on
        self._lock = threading.Lock()
        self._collected: defaultdict[Key, list[Value]] = defaultdict(list)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def add(self, key: Key, value: Value) -> None:
        with self._lock:
            self._collected[key].append(value)

    def close(self) -> None:
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(timeout=CLOSE_SECONDS)

    def _run(self) -> None:
        closing = False
        while not closing:
            closing = self._closing.wait(FLUSH_SECONDS)
            with self._lock:
                due, self._collected = self._collected, defaultdict(list)
            for key, values in due.items():
                self._hand_on(key, values)
