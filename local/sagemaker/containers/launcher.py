"""Starting containers, so that none outlives the server."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

SANDBOX = (sys.executable, "-m", "lakeloop.local.sagemaker.containers.sandbox")


@dataclass(frozen=True)
class Container:
    """A command, and the folder that it sees as /opt/ml."""

    command: Sequence[str]
    root: Path
    environment: Mapping[str, str]
    network: bool = True
    # Where it starts, below its root.
    folder: str = "."
    # A socket that listens already: through it even a container without a network can be reached.
    listening: socket.socket | None = None


class Launcher:
    """Starts processes from one thread that lives as long as the server.

    The kernel ends a child when the *thread* that started it ends (PR_SET_PDEATHSIG), and those of a request or of a
    deployment end early.
    """

    def __init__(self, sandbox: str, threads: int) -> None:
        self._sandbox = sandbox
        self._threads = threads
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="launcher")

    @cached_property
    def mounts(self) -> bool:
        """Whether this machine allows containers their own /opt/ml."""
        if self._sandbox == "off":
            return False
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder, "ml")
            root.mkdir()
            probe = Container(["true"], root, {}, network=False)
            process = self._thread.submit(self._start, probe, mount=True).result()
            process.communicate()
            return process.returncode == 0

    def start(self, container: Container) -> subprocess.Popen[str]:
        return self._thread.submit(self._start, container, mount=self.mounts).result()

    def _start(self, container: Container, *, mount: bool) -> subprocess.Popen[str]:
        command = [*SANDBOX, "--root", str(container.root), "--folder", container.folder]
        if not mount:
            command.append("--no-mount")
        if not container.network:
            command.append("--no-network")
        return subprocess.Popen(
            [*command, "--", *container.command],
            env=self._environment(container),
            pass_fds=() if container.listening is None else (container.listening.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # A group of its own, so that it can be stopped with all it started.
            start_new_session=True,
        )

    def _environment(self, container: Container) -> dict[str, str]:
        """What a container sees; like one on AWS it has credentials, which are of no use without a network."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONUNBUFFERED": "1",
            "OMP_NUM_THREADS": str(self._threads),
            **{name: value for name, value in os.environ.items() if name.startswith("AWS_") and container.network},
            **container.environment,
        }


def send_signal(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """To the process and all it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def stop(process: subprocess.Popen[str], grace_seconds: float) -> None:
    """Ask, then insist."""
    send_signal(process, signal.SIGTERM)
    try:
        process.wait(grace_seconds)
    except subprocess.TimeoutExpired:
        send_signal(process, signal.SIGKILL)
        process.wait()
