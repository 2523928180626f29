"""The processes of a local cloud, seen from outside."""

import time
from collections.abc import Callable

import psutil

from lakeloop.local.cloud import LocalCloud
from tests.unit.local.conftest import Checkout


def pids(running: LocalCloud) -> list[int]:
    return [part.pid for part in running.parts() if part.pid is not None]


def eventually(condition: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def processes_of(checkout: Checkout) -> list[psutil.Process]:
    """Every process that was started for this checkout, by what its command line or working folder says."""
    mark = str(checkout.paths.root)
    found = []
    for process in psutil.process_iter(["cmdline", "cwd", "status"]):
        command = " ".join(process.info["cmdline"] or ())
        if process.info["status"] != psutil.STATUS_ZOMBIE and mark in command + (process.info["cwd"] or ""):
            found.append(process)
    return found
