"""The demo of an example: its table as it is, to a served model, and what that says of some of its rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from lakeloop import project
from lakeloop.cli import console, deploy, invocation
from lakeloop.cli.demo import run
from lakeloop.cli.demo.data import DemoData
from lakeloop.cli.demo.session import Ownership
from lakeloop.cli.progress import Progress, show_progress
from lakeloop.cli.views.layout import counted, table
from lakeloop.client.dataset import Dataset, count_rows
from lakeloop.client.environment import Environment, enter
from lakeloop.client.errors import MistakenNameError
from lakeloop.client.loop import LoopWatch
from lakeloop.client.predictions import Answer, PredictionApi
from lakeloop.client.table_rows import features_at
from lakeloop.lake.sources import sources
from lakeloop.local.cloud import LocalCloud
from lakeloop.local.terraform.command import find_terraform

EXAMPLES = project.SOURCES / "datasets" / "examples"
CONTRACTS = project.WORKSPACE / "datasets"
PREDICT = "predict some rows"
ROWS_ASKED = 5


@dataclass(frozen=True)
class Example:
    """A table as its package ships it, and the contract that is inferred of it."""

    name: str
    contract: Path
    table: Path


@dataclass(frozen=True)
class Asked:
    """What the served model says of one row of the table."""

    row: int
    answer: Answer


def example(name: str, folder: Path = EXAMPLES) -> Example:
    """Raises MistakenNameError with the examples there are."""
    found = Example(name, folder / f"{name}.yaml", folder / f"{name}.csv")
    if not found.contract.is_file():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.yaml")))
        raise MistakenNameError(f"no example is called {name}", f"name one of {known}")
    return found


@contextmanager
def deployed_with(chosen: Example, *, keep: bool, folder: Path = CONTRACTS) -> Iterator[None]:
    """With the example's contract among those that are deployed; one that is there already is used as it is."""
    target = folder / chosen.contract.name
    if target.exists():
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    target.write_bytes(chosen.contract.read_bytes())
    try:
        yield
    finally:
        if not keep:
            target.unlink()


def play(name: str, *, keep: bool) -> None:
    """Drop the example's table on this folder's local cloud and show what came of it; else as the demo does."""
    find_terraform()
    chosen = example(name)
    out = console.stdout()
    deploy.tell_copied(deploy.prepare_folder(), out)
    ours = Ownership.now(keep=keep)
    out.print(ours.sentence, markup=False)
    steps = (*ours.first_steps, *deploy.DEPLOY, *run.STEPS[:-1], PREDICT, *ours.last_steps)
    with (
        deployed_with(chosen, keep=ours.stays_up),
        show_progress(out, steps) as progress,
        ours.cloud(progress) as cloud,
    ):
        served, asked = serve(chosen, cloud, progress)
    show(out, served, asked)
    if ours.stays_up:
        out.print(f"still running, look around: {invocation.command()} status", markup=False)


def serve(chosen: Example, cloud: LocalCloud, progress: Progress) -> tuple[run.Served, list[Asked]]:
    deploy.apply(cloud, deploy.build_packages(cloud, progress), progress)
    enter(cloud.environment)
    environment = Environment.current()
    dataset = Dataset(environment, chosen.name)
    data = DemoData(files=(chosen.table,), held_out=[], planted=())
    served = run.follow(dataset, LoopWatch(environment, dataset, run.DEADLINES), data, progress)
    api = PredictionApi(environment.api_base_url, environment.api_key)
    with progress.step(PREDICT) as note:
        rows = count_rows(chosen.table, dataset.contract)
        numbers = sorted({1 + (rows - 1) * part // (ROWS_ASKED - 1) for part in range(ROWS_ASKED)})
        asked = [
            Asked(number, api.predict(chosen.name, features_at(dataset.contract, chosen.table, number)))
            for number in numbers
        ]
        note(counted(len(asked), "row"))
    return served, asked


def show(out: Console, served: run.Served, asked: list[Asked]) -> None:
    uris = {drop.landed.uri for drop in served.drops}
    files = [source for commit in served.commits for source in sources(commit) if source.uri in uris][:1]
    rows = [(str(one.row), str(one.answer.prediction.prediction), confidence(one.answer)) for one in asked]
    out.print(table("predictions for rows of the table", ("row", "prediction", "confidence"), rows))
    for source in files:
        became = f"{source.rows_committed} committed, {source.rows_quarantined} quarantined"
        learned = f"{served.trials} trials, best {served.best.name} {served.best.value:.4f}"
        out.print(f"{counted(source.rows_in, 'row')} landed: {became}; {learned}", markup=False)


def confidence(answer: Answer) -> str:
    """Empty where an amount is predicted."""
    return "" if answer.prediction.confidence is None else f"{answer.prediction.confidence:.4f}"
