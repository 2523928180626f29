"""`lakeloop compact`: small packs of rows become few, without waiting for the clock."""

from typing import Annotated

import typer

from lakeloop.cli import console, invocation
from lakeloop.cli.output import print_json
from lakeloop.cli.views.layout import counted
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.packs import Packs


def compact(
    dataset: Annotated[str, typer.Argument(help="Name of the dataset.")],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be put together, and ask nobody.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, for other programs; puts nothing together.")
    ] = False,
) -> None:
    """Put small packs of rows on main together now, without a change of rows."""
    environment = Environment.load()
    packs = Packs(environment, Dataset(environment, dataset))
    plan = packs.plan()
    if as_json:
        print_json({"commit": plan.commit, "packs": plan.packs, "small": plan.small, "groups": len(plan.groups)})
        return
    out = console.stdout()
    if not plan.groups:
        out.print(f"nothing to put together: {counted(plan.packs, 'pack')} on main", markup=False, soft_wrap=True)
        return
    become = "would become" if dry_run else "become"
    out.print(f"{plan.small:,} of {counted(plan.packs, 'pack')} {become} {len(plan.groups):,}", markup=False)
    if not dry_run:
        packs.compact()
        out.print(f"next: `{invocation.command()} status` shows the queue of compact", markup=False)
