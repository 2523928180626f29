"""The demo from start to end: this folder's local cloud, the loop, the figures, and nothing left that was not there."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from lakeloop import project
from lakeloop.cli import console, deploy, invocation
from lakeloop.cli.demo import run
from lakeloop.cli.demo.data import DATASET, HELD_OUT_FILE
from lakeloop.cli.demo.report import disagreements
from lakeloop.cli.demo.view import show
from lakeloop.cli.progress import Progress, show_progress
from lakeloop.client import local_cloud
from lakeloop.client.dead_letters import DeadLetters
from lakeloop.client.environment import Environment, enter
from lakeloop.client.errors import AdvisedError
from lakeloop.client.function_logs import FunctionLog
from lakeloop.client.loop import describe
from lakeloop.local.cloud import LocalCloud, reset
from lakeloop.local.terraform.command import find_terraform

STOP = "stop the local cloud"


def files_folder() -> Path:
    return local_cloud.PATHS.local / "demo"


def report_file() -> Path:
    return local_cloud.PATHS.local / "demo-report.json"


def play(*, keep: bool, setup_seconds: float) -> None:
    """Run the demo on this folder's local cloud, show what came of it and write the report.

    A cloud that runs, or that was stopped, is used with all it holds and left as it was found; one that the demo
    made itself is forgotten afterwards, unless it is to be kept.
    """
    # Better said now than after everything else has started.
    find_terraform()
    out = console.stdout()
    require_contract(deploy.prepare_folder(), out)
    ours = Ownership.now(keep=keep)
    out.print(ours.sentence, markup=False)
    steps = (*ours.first_steps, *deploy.DEPLOY, *run.STEPS, *ours.last_steps)
    with show_progress(out, steps) as progress, ours.cloud(progress) as cloud:
        result = run_on(out, cloud, progress, setup_seconds=setup_seconds)
    result.report.write(report_file())
    show(out, result)
    tell_next(out, running=ours.stays_up)
    quarantined = sum(map(len, result.rejected.values()))
    if wrong := disagreements(result.counts, landed=result.report.landed_rows, quarantine_files=quarantined):
        raise AdvisedError(
            f"the figures do not add up: {'; '.join(wrong)}", f"compare {report_file()} with the tables above"
        )


class Ownership:
    """What of this folder's local cloud the demo makes itself, and so may stop and forget in the end."""

    def __init__(self, running: LocalCloud | None, *, has_state: bool, keep: bool) -> None:
        self._running = running
        self._has_state = has_state
        self._keep = keep

    @classmethod
    def now(cls, *, keep: bool) -> "Ownership":
        return cls(local_cloud.running(), has_state=local_cloud.PATHS.memory_file.exists(), keep=keep)

    @property
    def stays_up(self) -> bool:
        return self._keep or self._running is not None

    @property
    def first_steps(self) -> tuple[str, ...]:
        return () if self._running else (deploy.START,)

    @property
    def last_steps(self) -> tuple[str, ...]:
        return () if self.stays_up else (STOP,)

    @property
    def sentence(self) -> str:
        where = invocation.readable(local_cloud.PATHS.local)
        if self._running:
            return f"using the local cloud that runs in {where}, with all it holds; it is left running"
        if self._has_state:
            return f"using the local cloud in {where}, with all it held when it was stopped"
        return f"starting a local cloud in {where}{'' if self._keep else ', which is forgotten afterwards'}"

    @contextmanager
    def cloud(self, progress: Progress) -> Iterator[LocalCloud]:
        """The running local cloud; a started one is stopped however the block ends, unless it is to be kept."""
        if self._running:
            yield self._running
            return
        cloud = None
        try:
            cloud = deploy.start(progress, detached=self._keep)
            yield cloud
        finally:
            if not self._keep:
                self._put_away(cloud, progress)

    def _put_away(self, cloud: LocalCloud | None, progress: Progress) -> None:
        if cloud:
            with progress.step(STOP):
                cloud.stop()
        if not self._has_state:
            reset(local_cloud.PATHS, keep_logs=True)


def require_contract(copied: list[Path], out: Console) -> None:
    deploy.tell_copied(copied, out)
    contract = project.WORKSPACE / "datasets" / f"{DATASET}.yaml"
    if not contract.is_file():
        example = shlex.quote(str(project.SOURCES / "datasets" / contract.name))
        raise AdvisedError(
            f"the demo's data needs the contract {contract}, which is not there",
            f"copy it: `cp {example} datasets/`, or run the demo in an empty folder",
        )


def run_on(out: Console, cloud: LocalCloud, progress: Progress, *, setup_seconds: float) -> run.DemoResult:
    clock = run.Stopwatch()
    contracts = deploy.build_packages(cloud, progress)
    setup = setup_seconds + clock.lap()
    deploy.apply(cloud, contracts, progress)
    return run_deployed(out, cloud, progress, setup=setup, apply=clock.lap())


def run_deployed(out: Console, cloud: LocalCloud, progress: Progress, *, setup: float, apply: float) -> run.DemoResult:
    enter(cloud.environment)
    environment = Environment.current()
    folder = files_folder()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return run.run_loop(environment, folder, progress, setup=setup, apply=apply)
    except Exception:
        try:
            save_evidence(out, environment)
        except Exception as error:  # noqa: BLE001 the first error is the one to tell
            out.print(f"what the functions logged cannot be read: {error}", markup=False)
        raise


def save_evidence(out: Console, environment: Environment) -> None:
    """Save what is gone once the local cloud stops: the functions' logs and the dead letters."""
    for name, function in environment.outputs.functions.items():
        lines = list(FunctionLog(environment.logs, function.log_group).read())
        local_cloud.PATHS.log(name).write_text("".join(f"{line}\n" for line in lines))
    if letters := DeadLetters(environment).all():
        out.print(describe(letters), markup=False)
    out.print(f"logs of the functions and of the local cloud: {local_cloud.PATHS.log('any').parent}", markup=False)


def tell_next(out: Console, *, running: bool) -> None:
    lakeloop = invocation.command()
    out.print(f"figures: {invocation.readable(report_file())}", markup=False)
    if not running:
        out.print("everything is stopped; with KEEP=1 it stays, to look around in", markup=False)
        return
    row = shlex.quote(f"{invocation.readable(files_folder() / HELD_OUT_FILE)}:3")
    commands = (
        "status",
        f"predict --dataset {DATASET} --row {row}",
        f"api {DATASET}",
        "logs transform_data",
        "down",
    )
    out.print("still running, look around:", markup=False)
    for command in commands:
        out.print(f"  {lakeloop} {command}", markup=False, soft_wrap=True)
