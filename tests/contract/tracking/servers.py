"""MLflow servers: the real one where its environment is installed, and the fake."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from lakeloop.client.wandb import reach_sdk
from lakeloop.local.layout import CloudPaths
from lakeloop.local.supervisor.locked import MLFLOW, WANDB
from lakeloop.local.supervisor.loopback import free_port

PATHS = CloudPaths()
START_SECONDS = 180


def use_wandb() -> None:
    """Have the SDK of an environment of its own importable; skips the test where it is not installed."""
    if not WANDB.is_installed(PATHS):
        pytest.skip("wandb is not installed: `make .local/venvs/wandb/installed`")
    reach_sdk()


@dataclass(frozen=True)
class RealMlflow:
    """`python` is that of MLflow's environment."""

    uri: str
    python: Path


@contextmanager
def real_mlflow(folder: Path, *arguments: str, **environment: str) -> Iterator[RealMlflow]:
    """The server as the local cloud starts it; skips the test where it is not installed."""
    if not MLFLOW.is_installed(PATHS):
        pytest.skip("MLflow is not installed: `make .local/venvs/mlflow/installed`")
    port, python = free_port(), MLFLOW.python(PATHS)
    command = [str(python), "-m", "lakeloop.local.mlflow", "--port", str(port), "--state-dir", str(folder), *arguments]
    import_folder = folder / "import"
    import_folder.mkdir(parents=True)
    (import_folder / PATHS.package.name).symlink_to(PATHS.package, target_is_directory=True)
    settings = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(import_folder), **environment}
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=settings, stdout=log, stderr=log, cwd=folder)
    uri = f"http://127.0.0.1:{port}"
    try:
        wait_until_up(uri, process, folder / "server.log")
        yield RealMlflow(uri, python)
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_until_up(uri: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            if requests.get(f"{uri}/health", timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.2)
    raise AssertionError(f"MLflow did not come up:\n{log.read_text()}")
