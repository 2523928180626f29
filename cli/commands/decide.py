"""`lakeloop approve` and `lakeloop reject`: a person's word about a version of a model."""

from typing import Annotated

import typer

from lakeloop.cli import console
from lakeloop.cli.commands.rollback import Yes, meant, refuse_without_reason
from lakeloop.cli.options import OfDataset
from lakeloop.cli.views import models as view
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.models import Models
from lakeloop.registry.ports import ModelVersion

Number = Annotated[int, typer.Argument(metavar="VERSION", help="The number that `lakeloop models` shows.")]
Reason = Annotated[str, typer.Option(help="Why; kept with your name. Without it, the version is only shown.")]


def approve(
    dataset: OfDataset,
    version: Number,
    *,
    reason: Reason = "",
    force: Annotated[
        bool, typer.Option("--force", help="Also one that learned from data that was taken back.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Have a version of a model served: deploy_model brings the endpoint to it."""
    models = _models(dataset, reason, yes=yes)
    found = models.find(version)
    if _asked(models, dataset, found, reason, yes=yes):
        models.approve(found, reason, force=force)
        console.stdout().print(f"version {version} is approved; deploy_model brings {models.group} to it")


def reject(dataset: OfDataset, version: Number, *, reason: Reason = "", yes: Yes = False) -> None:
    """Have a version of a model never served."""
    models = _models(dataset, reason, yes=yes)
    found = models.find(version)
    if _asked(models, dataset, found, reason, yes=yes):
        models.reject(found, reason)
        console.stdout().print(f"version {version} is rejected")


def _models(dataset: str, reason: str, *, yes: bool) -> Models:
    refuse_without_reason(reason, yes=yes)
    environment = Environment.load()
    return Models(environment, Dataset(environment, dataset))


def _asked(models: Models, dataset: str, version: ModelVersion, reason: str, *, yes: bool) -> bool:
    out = console.stdout()
    out.print(view.version_block(dataset, models.shown(version)), soft_wrap=True)
    if meant(reason, yes=yes, as_json=False):
        return True
    out.print("nothing is changed; to do it, say why with --reason")
    return False
