"""What a running local cloud writes down about itself, so that another process can find it and stop it."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from lakeloop.local.errors import LocalCloudError
from lakeloop.local.layout import CloudPaths
from lakeloop.local.supervisor.loopback import Ports

CLOCK_TOLERANCE_SECONDS = 2


@dataclass(frozen=True)
class ProcessRecord:
    """A process, told apart from a later one that got the same pid by when it was created."""

    pid: int
    created: float

    @classmethod
    def of(cls, pid: int) -> "ProcessRecord":
        return cls(pid, psutil.Process(pid).create_time())

    def process(self) -> psutil.Process | None:
        """The process if it still runs, else None."""
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self.pid)
            # The clock of creation times moves by a second when the system clock is set right.
            same = abs(process.create_time() - self.created) < CLOCK_TOLERANCE_SECONDS
            if same and process.status() != psutil.STATUS_ZOMBIE:
                return process
        return None


@dataclass(frozen=True)
class PartRecord:
    """A part that was started; `process` is None for a server that runs elsewhere and is only used."""

    name: str
    url: str
    health_url: str
    log: str | None
    process: ProcessRecord | None


@dataclass(frozen=True)
class RunRecord:
    """A running local cloud."""

    supervisor: ProcessRecord
    parts: tuple[PartRecord, ...]
    environment: dict[str, str]

    def write(self, path: Path) -> None:
        write_private(path, json.dumps(asdict(self), indent=2))

    @classmethod
    def read(cls, path: Path) -> "RunRecord | None":
        try:
            content = json.loads(path.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return cls(
            supervisor=ProcessRecord(**content["supervisor"]),
            parts=tuple(part_record(part) for part in content["parts"]),
            environment=content["environment"],
        )


def part_record(content: dict[str, object]) -> PartRecord:
    process = content["process"]
    known = ProcessRecord(**process) if isinstance(process, dict) else None
    return PartRecord(**{**content, "process": known})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Memory:
    """What the next start must repeat, because the parts' state and Terraform's refer to it."""

    ports: Ports = field(default_factory=Ports)
    lakefs_access_key_id: str = field(default_factory=lambda: f"AKIALOCAL{secrets.token_hex(6).upper()}")
    lakefs_secret_access_key: str = field(default_factory=lambda: secrets.token_urlsafe(30))
    # Asked for once, it comes up with each start: what is deployed writes to it.
    mlflow: bool = False

    @classmethod
    def read(cls, path: Path) -> "Memory":
        try:
            content = json.loads(path.read_text())
        except FileNotFoundError:
            return cls()
        return cls(**{**content, "ports": Ports(**content["ports"])})

    def write(self, path: Path) -> None:
        write_private(path, json.dumps(asdict(self), indent=2))


def write_private(path: Path, text: str) -> None:
    """Replace a file that only its owner may read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    partial.replace(path)


@contextmanager
def exclusive(paths: CloudPaths) -> Iterator[None]:
    """Hold the folder of the local cloud; the kernel lets go of it when this process ends, however it ends."""
    paths.lock_file.parent.mkdir(parents=True, exist_ok=True)
    with paths.lock_file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LocalCloudError(
                f"A local cloud is already running or starting in {paths.local}.",
                "Use it, or stop it with `lakeloop down`.",
            ) from error
        yield
