"""`lakeloop quarantine`: the rows that were set aside, and the way back for them."""

from pathlib import Path
from typing import Annotated

import typer

from lakeloop.cli import console, invocation
from lakeloop.cli.options import AsJson, OfDataset
from lakeloop.cli.output import print_json
from lakeloop.cli.views import quarantined
from lakeloop.cli.views.layout import counted
from lakeloop.client.dataset import refuse_missing
from lakeloop.client.environment import Environment
from lakeloop.client.errors import MistakenNameError
from lakeloop.client.quarantined_files import QuarantinedFiles

app = typer.Typer(
    help="Look at rows that were set aside, export them, and send them back mended.", no_args_is_help=True
)

FileName = Annotated[
    str, typer.Argument(metavar="FILE", help="The file's name below incoming/DATASET/, or its address.")
]


@app.callback()
def quarantine() -> None:
    """Rows that the gate refused, of the files as they are now; what a newer version replaced is not shown."""


@app.command("list")
def list_files(
    dataset: Annotated[str | None, typer.Argument(metavar="[DATASET]", help="Only this dataset.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List the files of which rows are in quarantine, with the main reasons."""
    environment = Environment.load()
    datasets = [dataset] if dataset else environment.outputs.datasets
    found = [file for name in datasets for file in QuarantinedFiles(environment, name).all()]
    if as_json:
        print_json(found)
        return
    out = console.stdout()
    for file in found:
        out.print(quarantined.block(file), soft_wrap=True)
    rows = sum(file.rows for file in found)
    out.print(f"{counted(rows, 'row')} of {counted(len(found), 'file')} in quarantine")


@app.command("show")
def show_rows(
    dataset: OfDataset,
    file: FileName,
    *,
    rows: Annotated[int, typer.Option(help="Show so many rows at most.", min=1)] = 20,
    as_json: AsJson = False,
) -> None:
    """Show the rows of a file that are in quarantine, each as it was written, with its line and every reason."""
    files = QuarantinedFiles(Environment.load(), dataset)
    rejected = files.rows(files.find(file))
    if as_json:
        print_json([quarantined.as_json(row) for row in rejected])
        return
    out = console.stdout()
    for row in rejected[:rows]:
        out.print(quarantined.row(row), soft_wrap=True)
    more = len(rejected) - rows
    out.print(
        f"{counted(len(rejected), 'row')} in quarantine" + (f", {more:,} not shown: `--rows`" if more > 0 else "")
    )


@app.command()
def export(
    dataset: OfDataset,
    file: FileName,
    *,
    out: Annotated[Path | None, typer.Option(help="Where to write; FILE.rejected.csv when left out.")] = None,
) -> None:
    """Write the rows of a file that are in quarantine as a CSV to mend, line and reasons in two columns in front."""
    files = QuarantinedFiles(Environment.load(), dataset)
    judged = files.find(file)
    target = out or Path(f"{judged.landed.key.rpartition('/')[2]}.rejected.csv")
    if target.exists():
        raise MistakenNameError(f"{target} is there already", "name another file: --out PATH")
    target.write_bytes(files.export(judged))
    say = console.stdout()
    say.print(f"written to {target}: mend the cells behind the first two columns, then", markup=False, soft_wrap=True)
    say.print(f"  {invocation.command()} quarantine mend {dataset} {target}", markup=False, soft_wrap=True)


@app.command()
def mend(
    dataset: OfDataset,
    csv: Annotated[Path, typer.Argument(metavar="CSV", help="The mended CSV, as `export` wrote it but for the cells.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Send mended rows back: the file is judged again with them in the places of the old ones."""
    refuse_missing(csv)
    sent = QuarantinedFiles(Environment.load(), dataset).mend(csv.read_bytes())
    if as_json:
        print_json(sent)
        return
    for line in quarantined.told_of_mend(sent):
        console.stdout().print(line, markup=False, soft_wrap=True)
