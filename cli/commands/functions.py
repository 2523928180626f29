"""`lakeloop functions`: which versions of the functions run."""

from datetime import UTC, datetime

from rich.text import Text

from lakeloop.cli import console
from lakeloop.cli.options import AsJson
from lakeloop.cli.output import print_json
from lakeloop.cli.views import rollouts as view
from lakeloop.client.environment import Environment
from lakeloop.client.rollouts import Rollouts


def functions(*, as_json: AsJson = False) -> None:
    """Show what was applied last, what runs of it, and what `lakeloop rollback functions` can go back to."""
    rollouts = Rollouts(Environment.load())
    if as_json:
        print_json(view.as_json(rollouts))
        return
    out = console.stdout()
    for piece in view.listing(rollouts, out, datetime.now(UTC)):
        out.print(piece, soft_wrap=isinstance(piece, Text))
