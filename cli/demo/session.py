"""The demo from start to end: a fresh local cloud, the loop, the figures, and everything stopped again."""

from pathlib import Path

from rich.console import Console

from lakeloop.cli import console, deploy
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
from lakeloop.local.cloud import LocalCloud
from lakeloop.local.terraform.command import find_terraform

STOP = "stop the local cloud"


def files_folder() -> Path:
    return local_cloud.PATHS.local / "demo"


def report_file() -> Path:
    return local_cloud.PATHS.local / "demo-report.json"


def play(*, keep: bool, setup_seconds: float) -> None:
    """Run the demo on a fresh local cloud, show what came of it and write the report."""
    refuse_second_cloud()
    # Better said now than after everything else has started.
    find_terraform()
    out = console.stdout()
    steps = (deploy.START, *deploy.DEPLOY, *run.STEPS, *(() if keep else (STOP,)))
    with show_progress(out, steps) as progress:
        result = run_and_stop(out, progress, keep=keep, setup_seconds=setup_seconds)
    result.report.write(report_file())
    show(out, result)
    tell_next(out, keep=keep)
    quarantined = sum(map(len, result.rejected.values()))
    if wrong := disagreements(result.counts, landed=result.report.landed_rows, quarantine_files=quarantined):
        raise AdvisedError(
            f"the figures do not add up: {'; '.join(wrong)}", f"compare {report_file()} with the tables above"
        )


def refuse_second_cloud() -> None:
    if local_cloud.running():
        raise AdvisedError(
            f"a local cloud runs already, in {local_cloud.PATHS.local}", "stop it with `lakeloop down`, then try again"
        )


def run_and_stop(out: Console, progress: Progress, *, keep: bool, setup_seconds: float) -> run.DemoResult:
    clock = run.Stopwatch()
    cloud = deploy.start(progress, detached=keep)
    try:
        contracts = deploy.build_packages(cloud, progress)
        setup = setup_seconds + clock.lap()
        deploy.apply(cloud, contracts, progress)
        return run_deployed(out, cloud, progress, setup=setup, apply=clock.lap())
    finally:
        if not keep:
            with progress.step(STOP):
                cloud.stop()


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


def tell_next(out: Console, *, keep: bool) -> None:
    out.print(f"figures: {report_file()}", markup=False)
    if keep:
        row = f"{files_folder() / HELD_OUT_FILE}:3"
        out.print("still running, look around: `lakeloop status`, `lakeloop logs transform_data`, `lakeloop dlq list`,")
        out.print(f"`lakeloop predict --dataset {DATASET} --row {row}`; `lakeloop down` stops it", markup=False)
    else:
        out.print("everything is stopped; `KEEP=1 make demo` leaves it running to look around with `lakeloop status`")
