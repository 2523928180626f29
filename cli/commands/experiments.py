"""`lakeloop experiments`: runs for Weights & Biases."""

import os
from pathlib import Path
from typing import Annotated

import typer

from lakeloop.cli import console
from lakeloop.cli.options import AsJson
from lakeloop.cli.output import print_json
from lakeloop.cli.progress import show_progress
from lakeloop.cli.views.layout import counted
from lakeloop.client.environment import Environment
from lakeloop.client.experiments import Experiments, alone, wanted
from lakeloop.client.local_cloud import PATHS
from lakeloop.client.wandb import LocalFolders, WandbTracker, reach_sdk, send

app = typer.Typer(help="Bring runs to Weights & Biases.", no_args_is_help=True)

SDK, SEND = "the SDK of Weights & Biases", "send to Weights & Biases"
# Where either is set, W&B's command knows whom it speaks to.
REACHED_BY = ("WANDB_API_KEY", "WANDB_BASE_URL")


@app.callback()
def experiments() -> None:
    """Bring runs to Weights & Biases: those of datasets whose contract says `tracking: wandb` or `both`."""


@app.command()
def sync(
    dataset: Annotated[str | None, typer.Argument(help="Name of a dataset; left out, all.")] = None,
    *,
    folder: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where runs are kept; left out, .local/wandb/ENVIRONMENT.")
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Write the runs and send nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write each tuning job, trial and evaluation as a run, whole, and send those that are new or changed.

    With WANDB_API_KEY set, to W&B, and with WANDB_BASE_URL, to a server of your own; with neither, nothing is sent.
    """
    environment = Environment.load()
    datasets = wanted(environment, dataset)
    place = folder or PATHS.local / "wandb" / environment.outputs.name_prefix
    folders, sends = LocalFolders(place), not offline and any(os.environ.get(name) for name in REACHED_BY)
    with alone(place), show_progress(console.stderr(), (SDK, *datasets, *([SEND] if sends else []))) as progress:
        with progress.step(SDK):
            reach_sdk()
        recorder, synced = Experiments(environment, WandbTracker(folders)), []
        for name in datasets:
            with progress.step(name) as note:
                synced.append(recorder.sync(name, note))
        if sends:
            with progress.step(SEND) as note:
                for run in folders.unsent():
                    send(run)
                    note(run.name)
    left = [str(run) for run in folders.unsent()]
    if as_json:
        print_json({"folder": str(place), "datasets": synced, "unsent": left})
        return
    out = console.stdout()
    for one in synced:
        waiting = f"; {', '.join(one.running)} still run" if one.running else ""
        what = f"{counted(one.jobs, 'job')}, {counted(one.evaluations, 'evaluation')}"
        out.print(f"{one.dataset}: {what}{waiting}", markup=False, soft_wrap=True)
    if left:
        out.print(f"{counted(len(left), 'run')} to send, in {place}: set WANDB_API_KEY", markup=False, soft_wrap=True)
