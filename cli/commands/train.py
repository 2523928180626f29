"""`lakeloop train`: a model by hand, whatever is new."""

from typing import Annotated

import typer

from lakeloop.cli import console, invocation
from lakeloop.cli.options import AsJson
from lakeloop.cli.output import print_json
from lakeloop.cli.views.layout import COMMIT_SHOWN
from lakeloop.client.asking import ask_for_training
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment


def train(
    dataset: Annotated[str, typer.Argument(help="Name of the dataset.")],
    *,
    at: Annotated[
        str, typer.Option(metavar="COMMIT", help="A commit, branch, tag or day; left out, the head of main.")
    ] = "",
    reason: Annotated[str, typer.Option(help="Why; kept with your name on the job.")] = "",
    as_json: AsJson = False,
) -> None:
    """Ask for a model trained on a commit, whether or not anything is new."""
    environment = Environment.load()
    asked = ask_for_training(environment, Dataset(environment, dataset), at, reason)
    if as_json:
        print_json(asked)
        return
    out = console.stdout()
    where = ", the head of main" if asked.is_head else ""
    out.print(f"asked for a job on commit {asked.commit[:COMMIT_SHOWN]}{where}", markup=False, soft_wrap=True)
    out.print(
        f"next: `{invocation.command()} status` shows the job, or what it waits for", markup=False, soft_wrap=True
    )
