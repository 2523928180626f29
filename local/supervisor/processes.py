"""Starting the process of a part, seeing it healthy, and stopping it with everything below it."""

import http.client
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil

from lakeloop.local.errors import LocalCloudError
from lakeloop.local.layout import CloudPaths
from lakeloop.local.supervisor.child import PARENT_VARIABLE
from lakeloop.local.supervisor.parts import Part

# The emulator saves its state and ends its handlers when it is asked to stop.
STOP_SECONDS = 15

# A proxy in the environment has nothing to do with loopback.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def start(part: Part, paths: CloudPaths) -> subprocess.Popen[bytes]:
    """Start a part in a session of its own, so that Ctrl-C in a terminal goes to the command line alone."""
    assert part.command is not None  # noqa: S101 - parts that run elsewhere are not started
    log = paths.log(part.name)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            part.command,
            cwd=paths.root,
            env={**(part.environment or {}), "PYTHONPATH": str(paths.import_folder), PARENT_VARIABLE: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def is_healthy(url: str) -> bool:
    try:
        with DIRECT.open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, http.client.HTTPException, OSError):
        # A part that ends may answer with half a line.
        return False


def wait_until_healthy(part: Part, process: subprocess.Popen[bytes] | None, log: Path) -> None:
    deadline = time.monotonic() + part.start_seconds
    while not is_healthy(part.health_url):
        if process is not None and process.poll() is not None:
            raise LocalCloudError(
                f"The {part.name} part ended with status {process.returncode} while it started: {last_line(log)}",
                f"Its log tells more: {log}",
            )
        if time.monotonic() > deadline:
            where = f"Its log tells more: {log}" if process else f"Is the server at {part.url} up?"
            raise LocalCloudError(
                f"The {part.name} part does not answer at {part.health_url} after {part.start_seconds} s.", where
            )
        time.sleep(0.05)


def last_line(log: Path) -> str:
    with suppress(OSError):
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
        return lines[-1].strip() if lines else "it said nothing"
    return "it left no log"


def stop(process: psutil.Process) -> None:
    """Ask a process to stop, insist after a while, and end what it left behind."""
    family = descendants(process)
    with suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGTERM)
    _, running = psutil.wait_procs([process], timeout=STOP_SECONDS)
    for survivor in (*running, *family):
        # psutil does not signal a later process that got the same pid.
        with suppress(psutil.NoSuchProcess):
            survivor.kill()
    psutil.wait_procs([process, *family], timeout=5)


def descendants(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return process.children(recursive=True)
    return []


def memory_mb(process: psutil.Process) -> float:
    """Resident memory of a process and of all it started (trials, serving containers, handlers)."""
    total = 0
    for member in (process, *descendants(process)):
        with suppress(psutil.NoSuchProcess):
            total += member.memory_info().rss
    return total / 1e6
