"""An invocation that runs while its function is updated or deleted runs to its end, as on AWS.

Gap in ministack: it ends the function's processes at once, so that whoever waits for one gets an error that AWS would
not give: a prediction during `terraform apply`, for one.
"""

import threading
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

MODULE = "ministack.core.lambda_runtime"
PARAMETERS = ("func_name", "qualifier", "account", "region")
INVALIDATE = PrivateName(MODULE, "invalidate_worker", PARAMETERS)
# lambda_svc imports it by name.
IMPORTED_INVALIDATE = PrivateName("ministack.services.lambda_svc", "invalidate_worker", PARAMETERS)
KILL = PrivateName(MODULE, "kill_workers", ("workers",))
TOUCHES = (INVALIDATE, IMPORTED_INVALIDATE, KILL)

# The longest that a function may run.
LONGEST_SECONDS = 900
LOOK_SECONDS = 0.1

# Set while processes are ended because their function changed; a stop of the emulator ends them all at once.
changed: ContextVar[bool] = ContextVar("changed", default=False)


def apply(settings: Settings) -> None:
    KILL.wrap(sparing_the_busy)
    for invalidate in (INVALIDATE, IMPORTED_INVALIDATE):
        invalidate.wrap(as_changed)


def as_changed(original: Callable[..., None]) -> Callable[..., None]:
    def invalidate(*arguments: object, **options: object) -> None:
        token = changed.set(True)
        try:
            original(*arguments, **options)
        finally:
            changed.reset(token)

    return invalidate


def sparing_the_busy(original: Callable[[Iterable[Any]], None]) -> Callable[[Iterable[Any]], None]:
    def kill(workers: Iterable[Any]) -> None:
        found = [worker for worker in workers if worker is not None]
        busy = [worker for worker in found if changed.get() and is_busy(worker)]
        for worker in busy:
            threading.Thread(target=kill_when_done, args=(worker, original), daemon=True).start()
        original([worker for worker in found if worker not in busy])

    return kill


def is_busy(worker: Any) -> bool:  # noqa: ANN401 - ministack's own
    """Whether it has an invocation, and a process for it."""
    return bool(worker.in_use) and worker._proc is not None and worker._proc.poll() is None


def kill_when_done(worker: Any, kill: Callable[[Iterable[Any]], None]) -> None:  # noqa: ANN401 - ministack's own
    deadline = time.monotonic() + LONGEST_SECONDS
    while is_busy(worker) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
    kill([worker])
