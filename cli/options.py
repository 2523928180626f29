"""Arguments and options that many commands have."""

from typing import Annotated

import typer

OfDataset = Annotated[str, typer.Argument(metavar="DATASET", help="Name of the dataset.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")]
