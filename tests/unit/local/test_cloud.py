"""The supervisor: what starts together stops together, and nothing else is touched."""

import json
import os
import signal
import socket
import subprocess
import sys

import psutil
import pytest

from lakeloop.local.cloud import LocalCloud, LocalCloudError, Ports
from tests.unit.local.conftest import PARTS, Checkout
from tests.unit.local.processes import alive, eventually, pids, processes_of


def start_in_another_process(checkout: Checkout, *, detached: bool) -> subprocess.Popen[str]:
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom lakeloop.local.cloud import CloudPaths, LocalCloud\n"
        f"root = Path({str(checkout.paths.root)!r})\n"
        f"LocalCloud.start(CloudPaths(root, root / '.local', root / 'lakeloop'), detached={detached})\n"
        "print('up', flush=True)\n" + ("" if detached else "time.sleep(600)\n")
    )
    return subprocess.Popen([sys.executable, "-c", program], cwd=checkout.paths.root, stdout=subprocess.PIPE, text=True)


def test_all_parts_are_up_after_a_start_and_gone_after_a_stop(checkout: Checkout) -> None:
    events: list[str] = []

    running = LocalCloud.start(checkout.paths, on_event=events.append)

    assert [part.name for part in running.parts()] == ["aws", "lakefs", "sagemaker"]
    assert all(part.healthy and part.rss_mb > 1 for part in running.parts())
    assert "aws: up" in events

    started = pids(running)
    running.stop()

    assert not any(map(alive, started))
    assert not processes_of(checkout)
    assert not checkout.paths.run_file.exists()
    assert not checkout.paths.env_file.exists()


def test_a_running_cloud_is_found_by_another_process_and_stopped_by_it(checkout: Checkout) -> None:
    running = LocalCloud.start(checkout.paths)
    found = LocalCloud.attach(checkout.paths)

    assert found is not None
    assert found.environment == running.environment

    found.stop()

    assert LocalCloud.attach(checkout.paths) is None
    assert not processes_of(checkout)


def test_a_record_of_a_pid_that_belongs_to_another_process_now_is_nobody(checkout: Checkout) -> None:
    running = LocalCloud.start(checkout.paths)
    record = json.loads(checkout.paths.run_file.read_text())
    running.stop()
    bystander = subprocess.Popen(["sleep", "600"])
    record["supervisor"] = {"pid": bystander.pid, "created": record["supervisor"]["created"] - 60}
    checkout.paths.run_file.write_text(json.dumps(record))

    found = LocalCloud.attach(checkout.paths)

    assert found is None
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_a_part_that_fails_to_start_takes_the_others_down_and_is_named(checkout: Checkout) -> None:
    checkout.behave("sagemaker", "fails")

    with pytest.raises(LocalCloudError, match=r"sagemaker part ended.*cannot find its feet") as failure:
        LocalCloud.start(checkout.paths)

    assert "sagemaker.log" in failure.value.what_to_do
    assert not processes_of(checkout)
    assert LocalCloud.attach(checkout.paths) is None


def test_what_a_part_leaves_behind_is_ended_with_it(checkout: Checkout) -> None:
    checkout.behave("sagemaker", "leaves-a-child")
    running = LocalCloud.start(checkout.paths)
    children = [child.pid for pid in pids(running) for child in psutil.Process(pid).children()]

    running.stop()

    assert children
    assert not any(map(alive, children))


def test_the_same_folder_is_not_started_twice(checkout: Checkout) -> None:
    running = LocalCloud.start(checkout.paths)

    with pytest.raises(LocalCloudError, match="already running"):
        LocalCloud.start(checkout.paths)

    assert all(part.healthy for part in running.parts())
    running.stop()


def test_a_taken_port_is_named_with_who_holds_it(checkout: Checkout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]

        with pytest.raises(LocalCloudError, match=rf"Port {port}.*lakefs.*pid {os.getpid()}") as failure:
            LocalCloud.start(checkout.paths, ports=Ports(lakefs=port))

    assert "choose another port" in failure.value.what_to_do
    assert not processes_of(checkout)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_the_cloud_ends_with_the_process_that_started_it(checkout: Checkout, number: signal.Signals) -> None:
    starter = start_in_another_process(checkout, detached=False)
    assert starter.stdout is not None
    assert starter.stdout.readline() == "up\n"

    starter.send_signal(number)
    starter.wait()

    assert eventually(lambda: not processes_of(checkout))
    starter.stdout.close()


def test_interrupting_a_start_leaves_nothing(checkout: Checkout) -> None:
    checkout.behave("lakefs", "hangs")
    starter = start_in_another_process(checkout, detached=False)
    assert eventually((checkout.paths.state / "sagemaker" / "started.json").exists)

    starter.send_signal(signal.SIGINT)
    starter.wait()

    assert eventually(lambda: not processes_of(checkout))
    assert starter.stdout is not None
    starter.stdout.close()


def test_the_parts_end_when_the_supervisor_is_killed(checkout: Checkout) -> None:
    running = LocalCloud.start(checkout.paths)
    record = json.loads(checkout.paths.run_file.read_text())

    os.kill(record["supervisor"]["pid"], signal.SIGKILL)

    assert eventually(lambda: not processes_of(checkout))
    assert LocalCloud.attach(checkout.paths) is None
    running.stop()


def test_a_part_that_is_killed_is_started_again_and_said(checkout: Checkout) -> None:
    running = LocalCloud.start(checkout.paths)
    before = pids(running)

    os.kill(before[-1], signal.SIGKILL)

    assert eventually(lambda: before[-1] not in pids(running) and len(pids(running)) == len(PARTS))
    assert eventually(lambda: all(part.healthy for part in running.parts()))
    log = checkout.paths.log("supervisor").read_text()
    assert "sagemaker: ended with status -9; starting it again (1 of 3)" in log
    restarted = pids(running)
    running.stop()
    assert not any(map(alive, restarted))
    assert not processes_of(checkout)


def test_a_part_that_cannot_be_started_again_is_marked_and_the_others_stay(checkout: Checkout) -> None:
    running = LocalCloud.start(checkout.paths)
    checkout.behave("sagemaker", "fails")

    os.kill(pids(running)[-1], signal.SIGKILL)

    log = checkout.paths.log("supervisor")
    assert eventually(lambda: "sagemaker: stays down" in log.read_text())
    assert eventually(lambda: len(pids(running)) == len(PARTS) - 1)
    assert [part.healthy for part in running.parts()] == [True, True, False]
    assert "cannot find its feet" in log.read_text()
    running.stop()


def test_a_detached_cloud_outlives_who_started_it(checkout: Checkout) -> None:
    starter = start_in_another_process(checkout, detached=True)
    starter.communicate()

    running = LocalCloud.attach(checkout.paths)

    assert running is not None
    assert all(part.healthy for part in running.parts())
    running.stop()
    assert not processes_of(checkout)
