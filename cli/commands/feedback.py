"""`lakeloop feedback` and `lakeloop captures`: predictions to a spreadsheet, and their labels back."""

from pathlib import Path
from typing import Annotated

import typer

from lakeloop.cli import console
from lakeloop.cli.exit_codes import ExitCode
from lakeloop.cli.options import AsJson
from lakeloop.cli.output import print_json
from lakeloop.client.environment import Environment

app = typer.Typer(no_args_is_help=True)
MOST_SHOWN = 20

DatasetOption = Annotated[str, typer.Option(help="Name of the dataset.")]


def feedback(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV with inference_id and label.")],
    dataset: DatasetOption,
    *,
    as_json: AsJson = False,
) -> None:
    """Tell the labels of a CSV file; rows whose label is empty are left out."""
    # polars takes a second to import, which other commands need not wait for.
    from lakeloop.client.feedback import FeedbackApi, tell_file  # noqa: PLC0415

    environment = Environment.load()
    environment.require_dataset(dataset)
    told = tell_file(FeedbackApi(environment.api_base_url, environment.api_key), dataset, file)
    if as_json:
        refused = [{"line": line, "error": error, "why": why} for line, error, why in told.refused]
        print_json({"dataset": dataset, "verdicts": dict(told.verdicts), "refused": refused})
    else:
        out = console.stdout()
        for verdict, count in sorted(told.verdicts.items()):
            out.print(f"{count:,} {verdict}", markup=False)
        for line, _, why in told.refused[:MOST_SHOWN]:
            out.print(f"line {line}: {why}", markup=False, soft_wrap=True)
        if len(told.refused) > MOST_SHOWN:
            out.print(f"and {len(told.refused) - MOST_SHOWN:,} more refused: --json lists all", markup=False)
    if told.refused:
        raise typer.Exit(ExitCode.REFUSED)


@app.callback()
def captures() -> None:
    """Look at the predictions that were kept."""


@app.command()
def export(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="CSV to write.")],
    dataset: DatasetOption,
    *,
    unlabelled: Annotated[
        bool, typer.Option("--unlabelled", help="Only those without a label, the least confident first.")
    ] = False,
    days: Annotated[int, typer.Option(min=1, help="How far back.")] = 7,
    limit: Annotated[int, typer.Option(min=1, help="Rows at most.")] = 500,
) -> None:
    """Write predictions to a CSV file whose labels are to be filled in."""
    from lakeloop.client.feedback import Captured, write  # noqa: PLC0415 polars, as above

    environment = Environment.load()
    environment.require_dataset(dataset)
    captured = Captured(environment, dataset)
    found = captured.unlabelled(days) if unlabelled else captured.since(days)
    count = write(file, found[:limit], chosen=unlabelled and len(found) > limit)
    console.stdout().print(f"{count:,} of {len(found):,} predictions are in {file}", markup=False, soft_wrap=True)
