"""One serving container, and the requests under way to it."""

import logging
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import urllib3

from local.sagemaker.backends import Backends
from local.sagemaker.containers.launcher import Container, stop
from local.sagemaker.containers.xgboost.listening import LISTEN_FD
from local.sagemaker.documents import Document
from local.sagemaker.hosting.errors import FleetError
from local.sagemaker.hosting.model_data import unpack
from local.sagemaker.logs import Stream
from local.sagemaker.training.images import image

log = logging.getLogger(__name__)
SERVE = (sys.executable, "-m", "local.sagemaker.containers.xgboost.serve")
PING_SECONDS = 0.05
# AWS gives a container a minute to answer.
INVOCATION_SECONDS = 60.0
CONNECTIONS = 64


@dataclass(frozen=True)
class ContainerAnswer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Instance:
    """A process that serves one model from a folder of its own."""

    def __init__(self, backends: Backends, model: Document, folder: Path, stream: Stream) -> None:
        self._backends = backends
        self._model = model
        self._folder = folder
        self._stream = stream
        self._process: subprocess.Popen[str] | None = None
        self._pool: urllib3.HTTPConnectionPool | None = None

    def start(self) -> None:
        """Raises FleetError when the container cannot even be started."""
        container = primary_container(self._model)
        used = image(container.get("Image", ""))
        if used.problem:
            raise FleetError(used.problem)
        root = self._folder / "ml"
        unpack(container, root / "model", self._backends.objects)
        if used.remark:
            self._log(used.remark)
        with socket.create_server(("127.0.0.1", 0), backlog=256) as listening:
            self._process = self._backends.launcher.start(
                Container(
                    SERVE,
                    root,
                    {**container.get("Environment", {}), LISTEN_FD: str(listening.fileno())},
                    network=not self._model.get("EnableNetworkIsolation"),
                    listening=listening,
                )
            )
            port = listening.getsockname()[1]
        self._pool = urllib3.HTTPConnectionPool("127.0.0.1", port, maxsize=CONNECTIONS, retries=False)
        threading.Thread(target=self._read_output, name=f"output of {self._stream.name}", daemon=True).start()

    def wait_until_healthy(self, deadline: float) -> bool:
        unhealthy = self._backends.faults.current.unhealthy_models
        while time.monotonic() < deadline and self._alive:
            if any(part in self._model["ModelName"] for part in unhealthy):
                return False
            if self._pings():
                return True
            time.sleep(PING_SECONDS)
        return False

    def invoke(self, body: bytes, headers: Mapping[str, str]) -> ContainerAnswer:
        """Raises urllib3's HTTPError when the container gives no answer."""
        assert self._pool is not None  # noqa: S101 - only healthy instances get traffic
        answer = self._pool.request(
            "POST", "/invocations", body=body, headers=headers, timeout=INVOCATION_SECONDS, redirect=False
        )
        return ContainerAnswer(answer.status, answer.headers, answer.data)

    def stop(self) -> None:
        if self._process is not None:
            stop(self._process, self._backends.settings.stop_grace_seconds)
        if self._pool is not None:
            self._pool.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _pings(self) -> bool:
        assert self._pool is not None  # noqa: S101 - it is there once the process is
        try:
            return bool(self._pool.request("GET", "/ping", timeout=2).status == 200)
        except urllib3.exceptions.HTTPError:
            return False

    def _read_output(self) -> None:
        assert self._process is not None  # noqa: S101 - the launcher makes a pipe
        assert self._process.stdout is not None  # noqa: S101
        for line in self._process.stdout:
            self._log(line.rstrip("\n"))

    def _log(self, line: str) -> None:
        self._backends.logs.write(self._stream, line)


def primary_container(model: Document) -> Document:
    container: Document = model.get("PrimaryContainer") or model["Containers"][0]
    return container
