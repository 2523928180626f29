"""`lakeloop trace`: from a file to the endpoint, and back."""

from typing import Annotated

import typer

from lakeloop.cli import console
from lakeloop.cli.options import AsJson
from lakeloop.cli.output import print_json
from lakeloop.cli.views import trace as view
from lakeloop.client.environment import Environment
from lakeloop.client.tracing import NAMES, Tracing


def trace(
    named: Annotated[str, typer.Argument(metavar="FILE|COMMIT|JOB|MODEL|ENDPOINT|PREDICTION", help=f"Name {NAMES}.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show what a file, commit, job, model, endpoint or prediction is made of, and what it led to."""
    found = Tracing(Environment.load()).trace(named)
    if as_json:
        print_json(found)
        return
    out = console.stdout()
    for tree in view.trees(found):
        out.print(tree)
