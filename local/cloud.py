"""The local cloud as the command line and the tests see it: start, attach, look, stop."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lakeloop.local.errors import LocalCloudError
from lakeloop.local.layout import CloudPaths
from lakeloop.local.supervisor import processes
from lakeloop.local.supervisor.environment import git_sha
from lakeloop.local.supervisor.loopback import Ports
from lakeloop.local.supervisor.record import PartRecord, RunRecord, exclusive
from lakeloop.local.supervisor.supervisor import DETACH

__all__ = ["CloudPaths", "LocalCloud", "LocalCloudError", "PartStatus", "Ports", "reset"]

STOP_SECONDS = 60


@dataclass(frozen=True)
class PartStatus:
    """What a part is doing now; pid and log are None for a server that runs elsewhere."""

    name: str
    url: str
    healthy: bool
    pid: int | None
    rss_mb: float
    log_file: Path | None


class LocalCloud:
    """A running local cloud."""

    def __init__(self, paths: CloudPaths, record: RunRecord, lifeline: "subprocess.Popen[str] | None" = None) -> None:
        self._paths = paths
        self._record = record
        self._lifeline = lifeline

    @classmethod
    def start(
        cls,
        paths: CloudPaths,
        *,
        ports: Ports | None = None,
        iam_enforced: bool = False,
        mlflow: bool = False,
        detached: bool = False,
        on_event: Callable[[str], None] = lambda line: None,
    ) -> "LocalCloud":
        """Start all parts, or raise LocalCloudError with nothing left running.

        The local cloud ends with this process, unless `detached`: then it stays until someone stops it.
        """
        supervisor = start_supervisor(paths, ports or Ports(), iam_enforced=iam_enforced, mlflow=mlflow)
        try:
            follow_start(supervisor, paths, on_event)
        except BaseException:
            end_supervisor(supervisor)
            raise
        record = RunRecord.read(paths.run_file)
        if record is None:
            end_supervisor(supervisor)
            raise LocalCloudError(f"The local cloud left no {paths.run_file}.", "Was it stopped while it started?")
        if detached:
            send(supervisor, DETACH)
        return cls(paths, record, supervisor)

    @classmethod
    def attach(cls, paths: CloudPaths) -> "LocalCloud | None":
        """The local cloud that runs in this folder, if one does."""
        record = RunRecord.read(paths.run_file)
        if record is None or record.supervisor.process() is None:
            return None
        return cls(paths, record)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point boto3 and Terraform here; the commit is the checkout's present one."""
        return {**self._record.environment, "TF_VAR_git_sha": git_sha(self._paths.root)}

    def parts(self) -> list[PartStatus]:
        # A part that was started again is another process than at the start.
        record = RunRecord.read(self._paths.run_file) or self._record
        return [status_of(part) for part in record.parts]

    def stop(self) -> None:
        """Stop everything this local cloud started, and nothing else. Its state stays for the next start."""
        if self._lifeline is not None:
            end_supervisor(self._lifeline)
        elif supervisor := self._record.supervisor.process():
            supervisor.terminate()
            supervisor.wait(timeout=STOP_SECONDS)


def reset(paths: CloudPaths, *, keep_logs: bool = False) -> None:
    """Forget everything a stopped local cloud kept: objects, commits, jobs, ports, Terraform's state."""
    logs = () if keep_logs else (paths.log("any").parent,)
    with exclusive(paths):
        for folder in (paths.state, paths.terraform, *logs):
            shutil.rmtree(folder, ignore_errors=True)


def status_of(part: PartRecord) -> PartStatus:
    process = part.process.process() if part.process else None
    return PartStatus(
        name=part.name,
        url=part.url,
        healthy=processes.is_healthy(part.health_url),
        pid=process.pid if process else None,
        rss_mb=processes.memory_mb(process) if process else 0.0,
        log_file=Path(part.log) if part.log else None,
    )


def start_supervisor(paths: CloudPaths, ports: Ports, *, iam_enforced: bool, mlflow: bool) -> "subprocess.Popen[str]":
    log = paths.log("supervisor")
    log.parent.mkdir(parents=True, exist_ok=True)
    folders = (
        "--root",
        str(paths.root.resolve()),
        "--local",
        str(paths.local.resolve()),
        "--package",
        str(paths.package),
    )
    asked_for = [switch for switch, asked in (("--iam", iam_enforced), ("--mlflow", mlflow)) if asked]
    switches = ("--ports", json.dumps(asdict(ports)), *asked_for)
    with log.open("ab") as errors:
        return subprocess.Popen(
            (sys.executable, "-m", "lakeloop.local.supervisor", *folders, *switches),
            cwd=paths.root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )


def follow_start(supervisor: "subprocess.Popen[str]", paths: CloudPaths, on_event: Callable[[str], None]) -> None:
    assert supervisor.stdout is not None  # noqa: S101 - opened as a pipe
    for line in supervisor.stdout:
        message: dict[str, Any] = json.loads(line)
        if message.get("ready"):
            return
        if error := message.get("error"):
            raise LocalCloudError(**error)
        on_event(message["event"])
    log = paths.log("supervisor")
    raise LocalCloudError(f"The supervisor ended: {processes.last_line(log)}", f"Its log tells more: {log}")


def send(supervisor: "subprocess.Popen[str]", word: str) -> None:
    assert supervisor.stdin is not None  # noqa: S101 - opened as a pipe
    supervisor.stdin.write(word + "\n")
    supervisor.stdin.flush()


def end_supervisor(supervisor: "subprocess.Popen[str]") -> None:
    supervisor.terminate()
    supervisor.wait(timeout=STOP_SECONDS)
    for pipe in (supervisor.stdin, supervisor.stdout):
        if pipe is not None:
            pipe.close()
