"""`lakeloop endpoint`: whether a dataset has one at all."""

import typer

from lakeloop.cli import console, invocation
from lakeloop.cli.commands.rollback import Reason, Yes, meant, refuse_without_reason
from lakeloop.cli.options import OfDataset
from lakeloop.client.dataset import Dataset
from lakeloop.client.endpoints import Endpoints
from lakeloop.client.environment import Environment

app = typer.Typer(help="Switch the endpoint of a dataset off, and on again.", no_args_is_help=True)


@app.callback()
def endpoint() -> None:
    """An endpoint that is off costs nothing, and no new model brings it back before it is switched on."""


@app.command()
def off(dataset: OfDataset, *, reason: Reason = "", yes: Yes = False) -> None:
    """Delete the endpoint, and keep it away until it is switched on."""
    refuse_without_reason(reason, yes=yes)
    environment = Environment.load()
    endpoints, out = Endpoints(environment, Dataset(environment, dataset)), console.stdout()
    if before := endpoints.off_since():
        out.print(f"the endpoint of {dataset} is off since {before.at}, by {before.who}: {before.why}", soft_wrap=True)
        if not endpoints.exists():
            return
    there = (
        "is deleted: requests are answered with 503 then" if endpoints.exists() else "is not there, and none is made"
    )
    out.print(f"the endpoint of {dataset} {there}; models are still trained and judged")
    if not meant(reason, yes=yes, as_json=False):
        out.print("nothing is changed; to do it, say why with --reason")
        return
    endpoints.switch_off(reason)
    out.print(f"off; `{invocation.command()} endpoint on {dataset}` brings it back")


@app.command()
def on(dataset: OfDataset) -> None:
    """Have the endpoint made again, with the version that is approved now."""
    environment = Environment.load()
    version = Endpoints(environment, Dataset(environment, dataset)).switch_on()
    what = f"deploy_model brings it to version {version}" if version else "it is made with the first approved version"
    console.stdout().print(f"the endpoint of {dataset} is on: {what}")
