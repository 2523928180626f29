"""`lakeloop models`: the versions of a dataset's model."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from lakeloop.cli import console
from lakeloop.cli.options import AsJson, OfDataset
from lakeloop.cli.output import print_json
from lakeloop.cli.views import models as view
from lakeloop.cli.views.layout import counted
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.errors import MistakenNameError
from lakeloop.client.models import Listed, Models, model_named
from lakeloop.client.pruning import Pruning
from lakeloop.rollback.keeping import PREVIOUS

LIST = "list"


class ListFirst(TyperGroup):
    """`lakeloop models DATASET` lists, as `lakeloop models list DATASET` does."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:  # noqa: ANN401
        known = args[0] in self.commands or args[0].startswith("-")
        return super().resolve_command(ctx, args if known else [LIST, *args])


app = typer.Typer(
    cls=ListFirst, help="List, compare and prune the versions of a dataset's model.", no_args_is_help=True
)

Model = typer.Argument(help="A version, as DATASET/VERSION or the ARN of its model package.")


@app.callback()
def models() -> None:
    """`lakeloop models DATASET` lists them, newest first."""


@app.command(LIST)
def list_models(dataset: OfDataset, *, as_json: AsJson = False) -> None:
    """List the versions with verdict, metric, data commit, when they were made, and which serves."""
    environment = Environment.load()
    found = Models(environment, Dataset(environment, dataset)).listed()
    if as_json:
        print_json(found)
        return
    out = console.stdout()
    for piece in view.listing(dataset, found, out, datetime.now(UTC)):
        out.print(piece)


@app.command()
def compare(
    left: Annotated[str, Model],
    right: Annotated[str, Model],
    *,
    as_json: AsJson = False,
) -> None:
    """Show two versions side by side: verdict, metrics on the test rows of each one's own data, and what made them."""
    environment = Environment.load()
    one, other = (_found(environment, text) for text in (left, right))
    if as_json:
        print_json([{"version": listed, "metrics": metrics} for listed, metrics in (one, other)])
        return
    names = sorted(one[1].keys() | other[1].keys())
    metrics = {name: (one[1].get(name, ""), other[1].get(name, "")) for name in names}
    console.stdout().print(view.comparison(one[0], other[0], metrics))


@app.command()
def prune(
    dataset: OfDataset,
    *,
    keep: Annotated[
        int, typer.Option(help="So many versions to roll back to stay, beside what serves and may serve.", min=0)
    ] = PREVIOUS,
    yes: Annotated[bool, typer.Option("--yes", help="Delete; without it, only what would go is shown.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete artifacts that nobody needs: of versions that were rejected or replaced long ago, and of other trials."""
    environment = Environment.load()
    pruning = Pruning(environment, Dataset(environment, dataset))
    found = pruning.plan(keep)
    if yes:
        pruning.carry_out(found, keep)
    if as_json:
        versions, objects = [one.version for one in found.versions], [stored.uri for stored in found.objects]
        print_json({"versions": versions, "objects": objects, "size_bytes": found.size_bytes, "deleted": yes})
        return
    out = console.stdout()
    for stored in found.objects:
        out.print(stored.uri, soft_wrap=True)
    what = f"{counted(len(found.versions), 'version')}, {counted(len(found.objects), 'object')}"
    out.print(f"{what}, {found.size_bytes / 1e6:.1f} MB {'deleted' if yes else 'would go; delete them with --yes'}")


def _found(environment: Environment, text: str) -> tuple[Listed, dict[str, str]]:
    """A version with its metrics."""
    named = model_named(environment, text)
    if named is None or named[1] is None:
        raise MistakenNameError(f"{text} names no version", "write DATASET/VERSION, like wine/3")
    models = Models(environment, Dataset(environment, named[0]))
    found = models.find(named[1])
    return models.shown(found), models.metrics(found)
