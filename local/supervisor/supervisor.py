"""The process that owns the parts of a local cloud: starts them in order, and stops them when it is told to or left.

It reports to whoever started it with one JSON object per line on standard output, and holds the parts up until
SIGTERM. Its standard input is its lifeline: when that closes without the word "detach", the process
that wanted the local cloud is gone, and the local cloud goes too.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
from contextlib import ExitStack, suppress
from dataclasses import replace
from types import FrameType
from typing import Any

from lakeloop.local.layout import CloudPaths
from lakeloop.local.supervisor import processes
from lakeloop.local.supervisor.checks import check_disk
from lakeloop.local.supervisor.environment import cloud_environment, write_env_file
from lakeloop.local.supervisor.keeping import KeptPart, start_kept, wait_for_an_end
from lakeloop.local.supervisor.locked import EMULATOR, MLFLOW, Locked
from lakeloop.local.supervisor.loopback import Ports, check_free, settle_ports
from lakeloop.local.supervisor.parts import Blueprint, Part
from lakeloop.local.supervisor.record import Memory, PartRecord, ProcessRecord, RunRecord, exclusive
from lakeloop.local.terraform.providers import find_provider

DETACH = "detach"


class StopRequested(BaseException):
    """Raised by a signal wherever the supervisor is, so that everything started so far is stopped."""


class Supervisor:
    """One local cloud, from the first process to the last."""

    def __init__(self, paths: CloudPaths, wanted: Ports, *, iam_enforced: bool, mlflow: bool) -> None:
        self._paths = paths
        self._wanted = wanted
        self._iam_enforced = iam_enforced
        self._mlflow = mlflow
        self._kept: list[KeptPart] = []
        self._elsewhere: list[Part] = []
        self._environment: dict[str, str] = {}

    def run(self) -> None:
        """Start everything, say so, and stay until stopped; whatever was started is stopped in any case."""
        with ExitStack() as running:
            running.enter_context(exclusive(self._paths))
            check_disk(self._paths.local)
            self._prepare()
            running.callback(self._forget)
            self._start_all(running)
            report(ready=True)
            self._keep_up()

    def _keep_up(self) -> None:
        """Start again what ends, until this process is told to stop."""
        while True:
            wait_for_an_end(self._kept).start_again()
            self._record()

    def _prepare(self) -> None:
        link = self._paths.import_folder / self._paths.package.name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(self._paths.package, target_is_directory=True)
        self._install("aws", EMULATOR)

    def _install(self, part: str, environment: Locked) -> None:
        if not environment.is_installed(self._paths):
            report(event=f"{part}: installing {environment.title.removeprefix('The ')}")
            environment.install(self._paths)

    def _start_all(self, running: ExitStack) -> None:
        memory = Memory.read(self._paths.memory_file)
        ports = settle_ports(self._wanted, memory.ports)
        memory = replace(memory, ports=ports, mlflow=self._mlflow or memory.mlflow)
        blueprint = Blueprint(self._paths, ports, memory, secrets.token_urlsafe(24), self._iam_enforced)
        keys = blueprint.lake_keys()
        aws, lakefs, sagemaker = blueprint.aws(), blueprint.lakefs(), blueprint.sagemaker()
        mlflow = blueprint.mlflow() if memory.mlflow else None
        optional = [mlflow] if mlflow else []
        if mlflow:
            self._install(mlflow.name, MLFLOW)
        for part in (aws, lakefs, sagemaker, *optional):
            if part.command:
                check_free(part.name, part.port)
        memory.write(self._paths.memory_file)
        self._start(running, aws)
        # lakeFS and SageMaker keep their objects in the emulator; none needs another.
        self._start(running, lakefs, sagemaker, *optional)
        provider = find_provider(self._paths, os.environ)
        report(event=f"terraform: {provider.description}")
        self._environment = cloud_environment(
            self._paths,
            aws_url=aws.url,
            sagemaker_url=sagemaker.url,
            lakefs_url=lakefs.url,
            lake_keys=keys,
            mlflow_url=mlflow.url if mlflow else None,
            provider=provider,
        )
        write_env_file(self._paths.env_file, self._environment)
        self._record()

    def _start(self, running: ExitStack, *parts: Part) -> None:
        """Start parts side by side and wait for all of them."""
        started: list[KeptPart] = []
        for part in parts:
            if part.command:
                started.append(start_kept(running, part, self._paths))
            else:
                self._elsewhere.append(part)
            report(event=f"{part.name}: {'starting on' if part.command else 'using the server at'} {part.url}")
        for part in parts:
            if not part.command:
                processes.wait_until_healthy(part, None, self._paths.log(part.name))
        for kept in started:
            kept.wait_until_healthy()
        self._kept.extend(started)
        for part in parts:
            report(event=f"{part.name}: up")

    def _record(self) -> None:
        parts = [self._part_record(kept.part, kept.process) for kept in self._kept]
        parts += [self._part_record(part, None) for part in self._elsewhere]
        parts.sort(key=lambda part: part.name)
        record = RunRecord(ProcessRecord.of(os.getpid()), tuple(parts), self._environment)
        record.write(self._paths.run_file)

    def _part_record(self, part: Part, process: "subprocess.Popen[bytes] | None") -> PartRecord:
        running = process is not None and process.poll() is None
        return PartRecord(
            name=part.name,
            url=part.url,
            health_url=part.health_url,
            log=str(self._paths.log(part.name)) if process else None,
            process=ProcessRecord.of(process.pid) if process and running else None,
        )

    def _forget(self) -> None:
        for file in (self._paths.run_file, self._paths.env_file):
            file.unlink(missing_ok=True)


def report(**message: Any) -> None:  # noqa: ANN401 - one JSON object, see the module's description
    # Who asked may have stopped listening, which its lifeline tells better than an error here.
    with suppress(BrokenPipeError):
        print(json.dumps(message), flush=True)


def watch_lifeline() -> None:
    """Stop this process when the one that started it is gone, unless it said that this is meant."""
    if sys.stdin.readline().strip() != DETACH:
        os.kill(os.getpid(), signal.SIGTERM)


def request_stop(number: int, frame: FrameType | None) -> None:
    # Once is enough: a second signal must not interrupt the stopping.
    for again in (signal.SIGTERM, signal.SIGINT):
        signal.signal(again, signal.SIG_IGN)
    raise StopRequested
