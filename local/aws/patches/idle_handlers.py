"""A handler process that nobody has used for a while ends, also the last one of its function.

Gap in ministack: it keeps the first process of each function for good, 70 to 120 MB apiece here; AWS keeps none.
"""

import time

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

MODULE = "ministack.core.lambda_runtime"
REAP = PrivateName(MODULE, "reap_idle_workers", ("ttl",))
WORKERS = PrivateName(MODULE, "_workers")
LOCK = PrivateName(MODULE, "_lock")
KILL = PrivateName(MODULE, "kill_workers", ("workers",))
# lambda_svc imports the reaper by name.
IMPORTED_REAP = PrivateName("ministack.services.lambda_svc", "reap_idle_workers", ("ttl",))
TOUCHES = (REAP, WORKERS, LOCK, KILL, IMPORTED_REAP)

IDLE_SECONDS = 120


def apply(settings: Settings) -> None:
    for reap in (REAP, IMPORTED_REAP):
        reap.replace(end_idle_handlers)


def end_idle_handlers(ttl: float | None = None) -> int:
    """Called by ministack twice a minute; how many were ended."""
    deadline = time.time() - (IDLE_SECONDS if ttl is None else ttl)
    pools = WORKERS.get()
    idle = []
    with LOCK.get():
        for function, workers in list(pools.items()):
            ended = [worker for worker in workers if not worker.in_use and worker.last_used < deadline]
            idle += ended
            pools[function] = [worker for worker in workers if worker not in ended]
    # Outside the lock: a process may take seconds to end, and every invocation waits for the lock.
    KILL.get()(idle)
    return len(idle)
