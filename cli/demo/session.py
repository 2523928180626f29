"""The demo from start to end: a fresh local cloud, the loop, the figures, and everything stopped again."""

from rich.console import Console

from cli import console, local_cloud
from cli.dead_letters import DeadLetters
from cli.demo import run
from cli.demo.data import DATASET, HELD_OUT_FILE
from cli.demo.report import disagreements
from cli.demo.view import show
from cli.environment import Environment, enter
from cli.errors import CliError
from cli.function_logs import FunctionLog
from cli.loop import describe
from cli.progress import Progress, show_progress
from local.cloud import LocalCloud, reset
from local.terraform import find_terraform

STOP = "stop the local cloud"
FILES = local_cloud.DEMO.local / "files"
REPORT = local_cloud.UP.local / "demo-report.json"


def play(*, keep: bool, setup_seconds: float) -> None:
    """Run the demo on a fresh local cloud, show what came of it and write the report."""
    refuse_second_cloud()
    # Better said now than after everything else has started.
    find_terraform()
    reset(local_cloud.DEMO)
    out = console.stdout()
    steps = (local_cloud.START, *local_cloud.DEPLOY, *run.STEPS, *(() if keep else (STOP,)))
    with show_progress(out, steps) as progress:
        result = run_and_stop(out, progress, keep=keep, setup_seconds=setup_seconds)
    result.report.write(REPORT)
    show(out, result)
    tell_next(out, keep=keep)
    quarantined = sum(map(len, result.rejected.values()))
    if wrong := disagreements(result.counts, landed=result.report.landed_rows, quarantine_files=quarantined):
        raise CliError(f"the figures do not add up: {'; '.join(wrong)}", f"compare {REPORT} with the tables above")


def refuse_second_cloud() -> None:
    if paths := local_cloud.running_at():
        raise CliError(f"a local cloud runs already, in {paths.local}", "stop it with `lakeloop down`, then try again")


def run_and_stop(out: Console, progress: Progress, *, keep: bool, setup_seconds: float) -> run.DemoResult:
    clock = run.Stopwatch()
    cloud = local_cloud.start(local_cloud.DEMO, progress, detached=keep)
    try:
        local_cloud.build_packages(cloud, progress)
        setup = setup_seconds + clock.lap()
        local_cloud.apply(cloud, progress)
        return run_deployed(out, cloud, progress, setup=setup, apply=clock.lap())
    finally:
        if not keep:
            with progress.step(STOP):
                cloud.stop()


def run_deployed(out: Console, cloud: LocalCloud, progress: Progress, *, setup: float, apply: float) -> run.DemoResult:
    enter(cloud.environment)
    environment = Environment.current()
    FILES.mkdir(parents=True, exist_ok=True)
    try:
        return run.run_loop(environment, FILES, progress, setup=setup, apply=apply)
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
        local_cloud.DEMO.log(name).write_text("".join(f"{line}\n" for line in lines))
    if letters := DeadLetters(environment).all():
        out.print(describe(letters), markup=False)
    out.print(f"logs of the functions and of the local cloud: {local_cloud.DEMO.log('any').parent}", markup=False)


def tell_next(out: Console, *, keep: bool) -> None:
    out.print(f"figures: {REPORT}", markup=False)
    if keep:
        row = f"{FILES / HELD_OUT_FILE}:3"
        out.print("still running, look around: `lakeloop status`, `lakeloop logs transform_data`, `lakeloop dlq list`,")
        out.print(f"`lakeloop predict --dataset {DATASET} --row {row}`; `lakeloop down` stops it", markup=False)
    else:
        out.print("everything is stopped; `KEEP=1 make demo` leaves it running to look around with `lakeloop status`")
