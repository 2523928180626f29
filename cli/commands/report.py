"""`lakeloop report`: how a model was judged, as a page in the browser."""

import sys
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from lakeloop.cli import console
from lakeloop.client.environment import Environment
from lakeloop.client.model_reports import find_version, read_report
from lakeloop.local.layout import CloudPaths

STDOUT = Path("-")


def report(
    model: Annotated[
        str | None,
        typer.Argument(
            help="DATASET for its newest version, DATASET/VERSION, or the ARN of a model package; "
            "left out, the newest of all."
        ),
    ] = None,
    *,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the page to a file, or - for stdout, and open nothing.")
    ] = None,
) -> None:
    """Open the report of a model: verdict and why, metrics beside the champion's, trials, features, lineage."""
    environment = Environment.load()
    version = find_version(environment, model)
    page = read_report(environment, version)
    if out == STDOUT:
        sys.stdout.buffer.write(page)
        return
    file = out or CloudPaths().local / "reports" / f"{version.group}-{version.version}.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(page)
    opened = out is None and webbrowser.open(file.resolve().as_uri())
    said = "opened" if opened else "written"
    console.stdout().print(f"version {version.version} of {version.group}: {version.approval}", soft_wrap=True)
    console.stdout().print(f"{said} {file}", soft_wrap=True)
