"""Callers who never stop asking, whatever becomes of what they ask."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

PER_SECOND = 20
THREADS = 10


@contextmanager
def asking(ask: Callable[[], object], *, per_second: float = PER_SECOND, threads: int = THREADS) -> Iterator[None]:
    """So many times a second from several threads, fewer where answers are slow; what `ask` raises, is raised."""
    stopped, begun = threading.Event(), time.monotonic()

    def keep_asking(number: int) -> None:
        due = begun + number / per_second
        while not stopped.wait(max(0.0, due - time.monotonic())):
            ask()
            due = max(due + threads / per_second, time.monotonic())

    with ThreadPoolExecutor(threads) as pool:
        callers = [pool.submit(keep_asking, number) for number in range(threads)]
        try:
            yield
        finally:
            stopped.set()
    for caller in callers:
        caller.result()
