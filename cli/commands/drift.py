"""`lakeloop drift`: how far predictions are from what the model learned, and how good they are."""

from datetime import UTC, datetime

from lakeloop.cli import console
from lakeloop.cli.options import AsJson, OfDataset
from lakeloop.cli.output import print_json
from lakeloop.cli.views import drift as view
from lakeloop.client.dataset import Dataset
from lakeloop.client.drift import drift as looked_up
from lakeloop.client.environment import Environment


def drift(dataset: OfDataset, *, as_json: AsJson = False) -> None:
    """Show how far each feature of the predictions is from what the model learned, and how good they are."""
    environment = Environment.load()
    found = looked_up(environment, Dataset(environment, dataset).name)
    if as_json:
        print_json(found)
        return
    screen = console.stdout()
    for piece in view.screen(found, screen, datetime.now(UTC)):
        screen.print(piece)
