"""`lakeloop history`: what every training cycle of a dataset gave."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from lakeloop.cli import console
from lakeloop.cli.options import AsJson, OfDataset
from lakeloop.cli.output import print_json
from lakeloop.cli.views import history as view
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.history import as_frame
from lakeloop.client.history import history as cycles_of
from lakeloop.client.models import Models


def history(
    dataset: OfDataset,
    *,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the rows to a Parquet file too.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show each training cycle, oldest first: data, trials, metric beside the champion's, verdict."""
    environment = Environment.load()
    cycles = cycles_of(Models(environment, Dataset(environment, dataset)))
    if out is not None:
        as_frame(cycles).write_parquet(out)
    if as_json:
        print_json(cycles)
        return
    screen = console.stdout()
    for piece in view.listing(dataset, cycles, screen, datetime.now(UTC)):
        screen.print(piece)
