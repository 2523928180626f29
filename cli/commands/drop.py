"""`lakeloop drop`: a file into the loop, and on demand all the way to the endpoint."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lakeloop.cli import console, quarantine
from lakeloop.cli.progress import Progress, show_progress
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.follow import Postponed
from lakeloop.client.loop import LoopWatch

DROP, ROWS, TUNING, TRIALS, ENDPOINT = "drop the file", "rows on main", "tuning job", "trials", "endpoint in service"


def drop(
    file: Annotated[Path, typer.Argument(help="The file to drop.")],
    dataset: Annotated[str, typer.Option(help="Name of the dataset.")],
    *,
    follow: Annotated[bool, typer.Option("--follow", help="Follow the file until its model is served.")] = False,
) -> None:
    """Drop a file into the landing bucket, under incoming/DATASET/."""
    environment = Environment.load()
    target = Dataset(environment, dataset)
    out = console.stdout()
    if follow:
        follow_file(target, LoopWatch(environment, target), file, out)
        return
    dropped = target.drop(file)
    out.print(f"dropped {dropped.rows} rows at {dropped.landed}", markup=False, soft_wrap=True)
    out.print("next: `lakeloop status` shows what becomes of it, `lakeloop dlq list` what could not be handled")


def follow_file(dataset: Dataset, watch: LoopWatch, file: Path, out: Console) -> None:
    with show_progress(out, (DROP, ROWS, TUNING, TRIALS, ENDPOINT)) as progress:
        with progress.step(DROP) as note:
            dropped = dataset.drop(file)
            note(f"{dropped.rows} rows at {dropped.landed}")
        with progress.step(ROWS) as note:
            ingested = watch.wait_for_rows(dropped, note)
        ending = follow_model(watch, ingested.commit, progress) if ingested.commit else "nothing of the file is on main"
    if ingested.quarantine_uri:
        quarantine.show(out, dataset.quarantined(ingested.quarantine_uri), ingested.quarantine_uri)
    out.print(ending, markup=False)


def follow_model(watch: LoopWatch, commit: str, progress: Progress) -> str:
    """Wait for what a commit leads to; what there is to say in the end."""
    with progress.step(TUNING) as note:
        run = watch.wait_for_tuning(commit, note)
    if isinstance(run, Postponed):
        return f"no tuning now: {run.why}"
    with progress.step(TRIALS) as note:
        watch.wait_for_trials(run.name, note)
    with progress.step(ENDPOINT) as note:
        endpoint = watch.wait_for_endpoint(run.name, note)
    return f"{endpoint.name} serves the model; next: `lakeloop predict --help`"
