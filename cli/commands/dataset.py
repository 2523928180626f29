"""`lakeloop dataset`: which there are, and deleting what a removed contract leaves behind."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from lakeloop import project
from lakeloop.cli import console, invocation
from lakeloop.cli.options import AsJson
from lakeloop.client.dataset_removal import Remains, delete, known_datasets, look_at
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError

app = typer.Typer(help="Look at datasets, and delete what is left of one.", no_args_is_help=True)


@app.callback()
def dataset() -> None:
    """A dataset is added by its contract, datasets/NAME.yaml, and `lakeloop apply`."""


@app.command("list")
def list_datasets(
    *,
    as_json: AsJson = False,
) -> None:
    """List the datasets, also those without a contract of which something is left."""
    found = known_datasets(Environment.load())
    if as_json:
        typer.echo(json.dumps([asdict(entry) for entry in found], indent=2))
        return
    view = Table()
    for column in ("dataset", "contract", "endpoint", "repository"):
        view.add_column(column, overflow="fold")
    for entry in found:
        contract = Text("deployed") if entry.has_contract else Text("none", "yellow")
        view.add_row(entry.name, contract, entry.endpoint or "-", entry.repository or "-")
    console.stdout().print(view)


@app.command("delete")
def delete_dataset(
    name: Annotated[str, typer.Argument(help="Name of the dataset; its contract must be gone.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Delete; without it, only what would go is shown.")] = False,
) -> None:
    """Delete the endpoint, the models and the repository of a dataset whose contract was removed."""
    environment = Environment.load()
    refuse_with_contract(environment, name)
    out = console.stdout()
    remains = look_at(environment, name)
    if remains.nothing:
        out.print(f"nothing is left of {name}", markup=False)
        return
    for line in described(remains):
        out.print(line, markup=False, soft_wrap=True)
    if not yes:
        out.print(f"nothing is deleted yet; to delete it: {invocation.command()} dataset delete {name} --yes")
        return
    delete(environment, remains)
    out.print(f"{name} is deleted; its landed files, quarantined rows and finished jobs stay", markup=False)


def refuse_with_contract(environment: Environment, name: str) -> None:
    contract = project.WORKSPACE / "datasets" / f"{name}.yaml"
    if contract.exists() or name in environment.outputs.datasets:
        raise AdvisedError(
            f"{name} still has a contract{f': {contract}' if contract.exists() else ', as deployed'}",
            f"remove datasets/{name}.yaml, apply, and then delete what is left",
        )


def described(remains: Remains) -> list[str]:
    lines = [f"endpoint, its configs and models   {', '.join(remains.serving)}"] if remains.serving else []
    if remains.repository:
        lines.append(f"lakeFS repository, with history    {remains.repository}")
    if remains.objects:
        lines.append(f"objects behind it in S3            {remains.objects}, {remains.size_bytes / 1e6:.1f} MB")
    return lines
