"""`lakeloop contract`: judge, compile and compare the contracts of this folder."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from lakeloop.cli import console
from lakeloop.cli.options import AsJson
from lakeloop.cli.output import print_json
from lakeloop.cli.views import differing
from lakeloop.client.contracts import build_contracts, differences, differences_from
from lakeloop.client.errors import AdvisedError, MistakenNameError
from lakeloop.compiler.build import COMPILED, CONTRACTS, Judged, counted, judge_file, judge_folder
from lakeloop.compiler.schema import editor_schema
from lakeloop.contract import DatasetContract

app = typer.Typer(help="Judge, compile and compare the dataset contracts.", no_args_is_help=True)


@app.callback()
def contract() -> None:
    """The contracts in datasets/; all but `diff` works without a cloud."""


@app.command()
def build() -> None:
    """Compile datasets/*.yaml to build/contracts/, which Terraform deploys."""
    compiled = build_contracts()
    console.stdout().print(f"compiled {', '.join(compiled)} to {COMPILED}", markup=False, soft_wrap=True)


@app.command()
def check(
    file: Annotated[
        Path | None, typer.Argument(help="One contract, or a table with --contract; all of datasets/ when left out.")
    ] = None,
    *,
    contract: Annotated[str | None, typer.Option(help="Judge FILE, a table, by this contract.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say everything that is wrong with the contracts, or what would become of a table; exit code 1 or 3 then."""
    if contract is not None:
        if file is None:
            raise MistakenNameError("no table was named", "write `lakeloop contract check FILE --contract NAME`")
        # polars takes a second to import, which judging contracts should not wait for.
        from lakeloop.cli.commands.contract_infer import check_data  # noqa: PLC0415

        check_data(file, contract, as_json=as_json)
        return
    if file is not None and not file.is_file():
        raise AdvisedError(f"there is no file {file}", "look at the path; it is read from the current folder")
    judged = judge_file(file) if file else judge_folder()
    if as_json:
        told = {
            "contracts": sorted(judged.contracts),
            "problems": [asdict(problem) for problem in judged.problems],
            "warnings": [asdict(warning) for warning in judged.warnings],
        }
        typer.echo(json.dumps(told, indent=2))
    else:
        tell(judged, file or CONTRACTS)
    if judged.problems:
        raise typer.Exit(1)


def tell(judged: Judged, where: Path) -> None:
    out = console.stdout()
    for problem in (*judged.problems, *judged.warnings):
        out.print(Text(str(problem)), soft_wrap=True)
    verdict = (
        f"{counted(len(judged.problems))} in {where}" if judged.problems else f"right: {', '.join(judged.contracts)}"
    )
    out.print(Text(verdict), soft_wrap=True)


@app.command()
def infer(
    files: Annotated[list[Path], typer.Argument(help="One or several files of the dataset, in the order they came.")],
    *,
    label: Annotated[str | None, typer.Option(help="The column to predict.")] = None,
    key: Annotated[str, typer.Option(help="The columns that name a row, with commas between.")] = "",
    name: Annotated[str | None, typer.Option(help="The dataset's name; the file's when left out.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where to write, - prints; datasets/NAME.yaml when left out.")
    ] = None,
) -> None:
    """Guess a contract from files: each guess with its reason, and questions for what only you know."""
    # polars takes a second to import, which judging contracts should not wait for.
    from lakeloop.cli.commands.contract_infer import infer_contract, stem_of  # noqa: PLC0415
    from lakeloop.inference.roles import Wishes  # noqa: PLC0415

    columns = tuple(filter(None, (column.strip() for column in key.split(","))))
    infer_contract(files, Wishes(name or stem_of(out), label, columns), out)


@app.command()
def diff(
    *,
    at: Annotated[
        str | None,
        typer.Option(metavar="COMMIT|MODEL", help="Compare with the contract that this model was trained with."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what the next apply would change of the deployed contracts; exit code 1 when it would be refused."""
    # boto3 and lakeFS take a second to import, which no other command here should wait for.
    from lakeloop.client.environment import Environment  # noqa: PLC0415
    from lakeloop.client.trained_contracts import trained_contract  # noqa: PLC0415

    environment, here = Environment.load(), build_contracts()
    if at is None:
        found = list(differences(environment, here))
    else:
        datasets = sorted({*environment.contracts.names, *here})
        found = list(differences_from(environment, trained_contract(environment, at, datasets), here))
    if as_json:
        print_json(found)
    else:
        out = console.stdout()
        for difference in found:
            out.print(Text("\n".join(differing.lines(difference))), soft_wrap=True)
        if not found:
            out.print("what is deployed is what is here" if at is None else "that model was trained with what is here")
    if at is None and any(difference.misread and difference.holds_data for difference in found):
        raise typer.Exit(1)


@app.command()
def advance(
    name: Annotated[str, typer.Argument(help="Name of a dataset in datasets/.")],
    *,
    by: Annotated[
        str | None, typer.Option(help="How far, such as 30d; `retrain.advance` of the contract when left out.")
    ] = None,
) -> None:
    """Move the borders of a split by time on, in the contract's file; rows on main follow after the next apply."""
    # Values are not needed to judge a contract's form.
    from lakeloop.compiler.borders import advanced_by, written  # noqa: PLC0415

    contract = contract_of(name)
    file = CONTRACTS / f"{name}.yaml"
    try:
        train, validation = advanced_by(contract, by or contract.retrain.advance)
    except ValueError as error:
        raise AdvisedError(f"{file}: {error}", "say it with --by, for a contract whose splits have `until`") from error
    file.write_text(written(file.read_text(encoding="utf-8"), train, validation), encoding="utf-8")
    out = console.stdout()
    said = f"{file}: train now ends before {train}, validation before {validation}"
    out.print(said, markup=False, soft_wrap=True)
    out.print("next: `lakeloop contract diff`, then apply: advance_splits moves the rows on main", markup=False)


@app.command()
def explain(
    name: Annotated[str, typer.Argument(help="Name of a dataset in datasets/.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show a contract as a table: what each column accepts and becomes, and a request to its model."""
    # The encoder of features is not needed to judge a contract.
    from lakeloop.cli.views import explained  # noqa: PLC0415

    contract = contract_of(name)
    told = explained.explained(contract)
    if as_json:
        print_json(told)
        return
    out = console.stdout()
    for piece in explained.screen(told, contract.description):
        out.print(piece, soft_wrap=isinstance(piece, Text))


def contract_of(name: str) -> DatasetContract:
    """The contract of this name in datasets/, if it is right."""
    file = CONTRACTS / f"{name}.yaml"
    if not file.is_file():
        there = ", ".join(sorted(found.stem for found in CONTRACTS.glob("*.yaml"))) or "none"
        raise MistakenNameError(f"there is no contract {file}", f"name one of datasets/: {there}")
    judged = judge_file(file)
    if judged.problems:
        listed = "\n".join(map(str, judged.problems))
        raise AdvisedError(f"{name} is wrong:\n{listed}", "correct each line; `lakeloop contract check` judges again")
    return judged.contracts[name]


@app.command()
def schema() -> None:
    """Print the JSON Schema of a contract, with which editors complete and check."""
    typer.echo(editor_schema(), nl=False)
