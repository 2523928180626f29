"""A serving process, spoken to as SageMaker speaks to a container."""

import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import urllib3

from lakeloop.local.sagemaker.containers.launcher import Container, Launcher, stop
from lakeloop.local.sagemaker.containers.xgboost.listening import LISTEN_FD

COMMAND = (sys.executable, "-m", "lakeloop.local.sagemaker.containers.xgboost.serve")
PING_TIMEOUT_SECONDS = 2.0
# AWS gives a container a minute to answer.
INVOCATION_SECONDS = 60.0
CONNECTIONS = 64


@dataclass(frozen=True)
class ContainerAnswer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class ServingProcess:
    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self._process = process
        self._pool = urllib3.HTTPConnectionPool("127.0.0.1", port, maxsize=CONNECTIONS, retries=False)

    @classmethod
    def launch(
        cls, launcher: Launcher, root: Path, environment: Mapping[str, str], *, network: bool
    ) -> "ServingProcess":
        # The container gets the socket; the copy of this process is closed, or nobody would notice its end.
        with socket.create_server(("127.0.0.1", 0), backlog=256) as listening:
            variables = {**environment, LISTEN_FD: str(listening.fileno())}
            process = launcher.start(Container(COMMAND, root, variables, network=network, listening=listening))
            return cls(process, listening.getsockname()[1])

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def pings(self) -> bool:
        try:
            return bool(self._pool.request("GET", "/ping", timeout=PING_TIMEOUT_SECONDS).status == 200)
        except urllib3.exceptions.HTTPError:
            return False

    def invoke(self, body: bytes, headers: Mapping[str, str]) -> ContainerAnswer:
        """Raises urllib3's HTTPError when there is no answer."""
        answer = self._pool.request(
            "POST", "/invocations", body=body, headers=headers, timeout=INVOCATION_SECONDS, redirect=False
        )
        return ContainerAnswer(answer.status, answer.headers, answer.data)

    def output(self) -> Iterator[str]:
        """Its lines, until it ends."""
        assert self._process.stdout is not None  # noqa: S101 - the launcher makes it a pipe
        for line in self._process.stdout:
            yield line.rstrip("\n")

    def stop(self, grace_seconds: float) -> None:
        stop(self._process, grace_seconds)
        self._pool.close()
