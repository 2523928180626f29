"""`lakeloop drift`: how far predictions are from what the model learned, and how good they are."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from lakeloop.cli import console
from lakeloop.cli.options import AsJson, OfDataset
from lakeloop.cli.output import print_json
from lakeloop.cli.views import drift as view
from lakeloop.client.dataset import Dataset
from lakeloop.client.drift import drift as looked_up
from lakeloop.client.drift import page
from lakeloop.client.environment import Environment


def drift(
    dataset: OfDataset,
    *,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the page of the last look too: HTML.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show how far each feature of the predictions is from what the model learned, and how good they are."""
    environment = Environment.load()
    found = looked_up(environment, Dataset(environment, dataset).name)
    if out is not None and (body := page(environment, found.dataset)):
        out.write_bytes(body)
    if as_json:
        print_json(found)
        return
    screen = console.stdout()
    for piece in view.screen(found, screen, datetime.now(UTC)):
        screen.print(piece)
