"""A database instance of RDS is a real PostgreSQL server, where PostgreSQL is installed."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import pytest

from tests.contract.aws.conftest import Emulator, start_emulator

PASSWORD = "secret-of-the-keeper"
pytestmark = pytest.mark.skipif(
    not (shutil.which("initdb") and shutil.which("psql")), reason="PostgreSQL is not installed"
)


@pytest.fixture
def own() -> Iterator[Emulator]:
    """Of its own, because it is stopped; in a folder that an unprivileged account can enter, unlike pytest's."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        running = start_emulator(Path(folder) / "state")
        yield running
        if running.process.poll() is None:
            running.stop()


def create(emulator: Emulator) -> dict[str, Any]:
    rds = emulator.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="lake",
        Engine="postgres",
        DBInstanceClass="db.t4g.micro",
        AllocatedStorage=20,
        MasterUsername="keeper",
        MasterUserPassword=PASSWORD,
        DBName="lakefs",
    )
    return available(emulator)


def available(emulator: Emulator) -> dict[str, Any]:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        [instance] = emulator.client("rds").describe_db_instances(DBInstanceIdentifier="lake")["DBInstances"]
        if instance["DBInstanceStatus"] == "available" and listens(instance["Endpoint"]["Port"]):
            return dict(instance)
        time.sleep(0.2)
    raise AssertionError(emulator.log.read_text()[-3000:])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def psql(instance: dict[str, Any], statement: str, password: str = PASSWORD) -> str:
    endpoint = instance["Endpoint"]
    url = f"postgresql://keeper:{password}@{endpoint['Address']}:{endpoint['Port']}/{instance['DBName']}"
    done = subprocess.run(["psql", url, "-Atc", statement], capture_output=True, text=True, check=False)
    return done.stdout.strip() or done.stderr.strip()


def test_an_instance_can_be_connected_to_and_keeps_its_data_over_a_restart(own: Emulator) -> None:
    instance = create(own)

    assert instance["DBInstanceStatus"] == "available"
    assert psql(instance, "CREATE TABLE kept AS SELECT 42 AS answer").startswith("SELECT")
    assert "password authentication failed" in psql(instance, "SELECT 1", password="wrong")

    own.stop()
    assert not listens(instance["Endpoint"]["Port"])

    again = start_emulator(own.state_dir)
    assert psql(available(again), "SELECT answer FROM kept") == "42"
    again.stop()


def test_a_deleted_instance_leaves_neither_server_nor_files(own: Emulator) -> None:
    instance = create(own)
    servers = [child for child in psutil.Process(own.process.pid).children() if "postgres" in child.name()]
    assert servers

    own.client("rds").delete_db_instance(DBInstanceIdentifier="lake", SkipFinalSnapshot=True)

    psutil.wait_procs(servers, timeout=15)
    assert not listens(instance["Endpoint"]["Port"])
    deadline = time.monotonic() + 5
    while Path(own.state_dir / "databases" / "lake").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not Path(own.state_dir / "databases" / "lake").exists()
