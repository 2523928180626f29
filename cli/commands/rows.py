"""`lakeloop rows`: what a dataset holds at a commit, as it is or asked in SQL."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import polars as pl
import typer
from rich.table import Table as View

from lakeloop.cli import console
from lakeloop.cli.options import OfDataset
from lakeloop.cli.views.layout import counted, visible
from lakeloop.client.errors import AdvisedError
from lakeloop.client.sql import query
from lakeloop.client.table import Table, data

WRITERS: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    ".parquet": pl.DataFrame.write_parquet,
    ".csv": pl.DataFrame.write_csv,
    ".jsonl": pl.DataFrame.write_ndjson,
}


def rows(
    dataset: OfDataset,
    *,
    at: Annotated[
        str, typer.Option(help="A branch, tag or commit of lakeFS, or a day: main at its end, UTC.")
    ] = "main",
    split: Annotated[str | None, typer.Option(help="Only train, validation, test or gap.")] = None,
    sql: Annotated[
        str | None, typer.Option(help="A query in DuckDB's SQL over the tables rows, train, validation, test and gap.")
    ] = None,
    limit: Annotated[int, typer.Option(help="Show so many rows at most; a file gets all.", min=1)] = 20,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the rows to a .csv, .jsonl or .parquet file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON Lines, all rows.")] = False,
) -> None:
    """Show the rows of a dataset at a commit: typed, as they were committed, split by split."""
    if out and out.suffix not in WRITERS:
        raise AdvisedError(f"{out} says no format", f"end its name with one of {', '.join(WRITERS)}")
    table = data(dataset, at)
    found = query(table, sql) if sql else table.polars(split)
    if out:
        WRITERS[out.suffix](found, out)
        console.stdout().print(f"{counted(found.height, 'row')} of {table.uri} in {out}", soft_wrap=True)
    elif as_json:
        typer.echo(found.write_ndjson(), nl=False)
    else:
        show(table, found, limit)


def show(table: Table, found: pl.DataFrame, limit: int) -> None:
    view = View()
    for name in found.columns:
        view.add_column(visible(name), overflow="fold", justify="right" if found.schema[name].is_numeric() else "left")
    for row in found.head(limit).iter_rows():
        view.add_row(*("" if cell is None else visible(str(cell)) for cell in row))
    out = console.stdout()
    out.print(view)
    out.print(f"{counted(found.height, 'row')}, {min(limit, found.height)} shown, of {table.uri}", soft_wrap=True)
