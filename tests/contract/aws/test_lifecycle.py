"""Start, stop, start again: what stays, what goes, and what nobody else can reach."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.contract.aws.conftest import EMULATOR_PYTHON, PACKAGES, Emulator, make_function, start_emulator


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Emulator]:
    running = start_emulator(tmp_path / "state")
    yield running
    running.process.kill()
    running.process.wait()


def deploy(emulator: Emulator, source: str) -> None:
    make_function(emulator.client("lambda"), "worker", source)


def handlers_of(emulator: Emulator) -> list[psutil.Process]:
    children = psutil.Process(emulator.process.pid).children()
    return [child for child in children if any("bootstrap.py" in word for word in child.cmdline())]


def test_state_outlives_a_restart_and_scratch_files_do_not(own: Emulator, tmp_path: Path) -> None:
    own.client("s3").create_bucket(Bucket="kept")
    own.client("s3").put_object(Bucket="kept", Key="a/b", Body=b"content")
    deploy(own, "def handler(event, context): return 'still here'")
    own.client("lambda").invoke(FunctionName="worker")

    own.stop()
    scratch_left = (own.state_dir / "tmp").exists()
    again = start_emulator(own.state_dir)

    assert not scratch_left
    assert again.client("s3").get_object(Bucket="kept", Key="a/b")["Body"].read() == b"content"
    answer = again.client("lambda").invoke(FunctionName="worker")["Payload"].read()
    assert json.loads(answer) == "still here"
    again.stop()


def test_handlers_end_with_the_emulator_even_busy_ones(own: Emulator) -> None:
    deploy(own, "import time\ndef handler(event, context): time.sleep(600)")
    own.client("lambda").invoke(FunctionName="worker", InvocationType="Event")
    deadline = time.monotonic() + 10
    while not (handlers := handlers_of(own)) and time.monotonic() < deadline:
        time.sleep(0.05)

    own.stop()

    assert handlers
    assert not any(handler.is_running() for handler in handlers)


def test_a_killed_emulator_cleans_up_at_its_next_start(own: Emulator) -> None:
    deploy(own, "def handler(event, context): return 1")
    own.client("lambda").invoke(FunctionName="worker")
    own.process.send_signal(signal.SIGKILL)
    own.process.wait()
    left = set((own.state_dir / "tmp" / "archives").iterdir())

    again = start_emulator(own.state_dir)

    assert left
    assert not (own.state_dir / "tmp" / "archives").exists()
    again.stop()


def test_only_loopback_is_served(own: Emulator) -> None:
    listening = [c for c in psutil.Process(own.process.pid).net_connections() if c.status == psutil.CONN_LISTEN]

    assert {connection.laddr[0] for connection in listening} == {"127.0.0.1"}


def test_a_taken_port_is_said_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = str(holder.getsockname()[1])
        command = [str(EMULATOR_PYTHON), "-m", "lakeloop.local.aws", "--port", port, "--state-dir", str(tmp_path)]

        ended = subprocess.run(
            command,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PACKAGES)},
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )

    assert ended.returncode == 1
    assert f"port {port}" in ended.stderr
    assert "Address already in use" in ended.stderr
