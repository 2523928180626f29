"""`lakeloop status`: how far the loop is, dataset by dataset."""

from dataclasses import dataclass
from datetime import UTC, datetime

from rich.text import Text

from lakeloop.cli import console
from lakeloop.cli.options import AsJson
from lakeloop.cli.output import print_json
from lakeloop.cli.views import status as view
from lakeloop.client import local_cloud
from lakeloop.client.environment import Environment
from lakeloop.client.errors import NotDeployedError
from lakeloop.client.summary import Overview, Summaries
from lakeloop.local.cloud import PartStatus


@dataclass(frozen=True)
class Status:
    """What `--json` prints; `deployed` is None when nothing is."""

    deployed: Overview | None
    local_cloud: list[PartStatus]


def status(*, as_json: AsJson = False) -> None:
    """Show datasets, their data and models, then queues and parts."""
    cloud = local_cloud.running()
    parts = cloud.parts() if cloud else []
    try:
        overview = Summaries(Environment.load()).overview()
    except NotDeployedError as error:
        # Asking is no failure: what there is was said.
        tell_nothing(error, parts, as_json=as_json)
        return
    if as_json:
        print_json(Status(overview, parts))
        return
    out = console.stdout()
    for piece in view.screen(overview, parts, out, datetime.now(UTC)):
        # Addresses are copied: they stay on one line.
        out.print(piece, soft_wrap=isinstance(piece, Text))


def tell_nothing(error: NotDeployedError, parts: list[PartStatus], *, as_json: bool) -> None:
    if as_json:
        print_json(Status(None, parts))
        return
    out = console.stdout()
    out.print(Text(f"{error.what}: {error.advice}"), soft_wrap=True)
    if parts:
        out.print(view.parts_view(parts, out))
