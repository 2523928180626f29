"""`lakeloop rollback`: bad data off main, the model before, or the functions before."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer

from lakeloop.cli import console
from lakeloop.cli.options import OfDataset
from lakeloop.cli.output import print_json
from lakeloop.cli.views import models as models_view
from lakeloop.cli.views import rollback as view
from lakeloop.cli.views import rollouts as rollouts_view
from lakeloop.client.bad_models import BadModels
from lakeloop.client.data_rollback import DataRollbacks
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError, MistakenNameError
from lakeloop.client.models import Models
from lakeloop.client.rollouts import Rollouts
from lakeloop.errors import MergeConflictError
from lakeloop.rollback.models import Consequences
from lakeloop.rollback.service import Change, Staged
from lakeloop.rollback.target import Target

# How often a rollback begins anew while others commit the same part of main.
TRIES = 5

app = typer.Typer(
    help="Take back data that should not have come, a model, or a deploy of functions.", no_args_is_help=True
)

Reason = Annotated[str, typer.Option(help="Why; kept with your name. Without it, only what would change is shown.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs; changes nothing without --yes.")]


UNDONE = "nothing is changed; to do it, say why with --reason"


@dataclass(frozen=True)
class Shown:
    """What a person was shown; no change where nothing of it is on main any more."""

    target: Target
    change: Change | None
    models: Consequences

    def changes_of(self, other: "Shown | None") -> bool:
        return other is None or (self.change, self.models) != (other.change, other.models)


@app.callback()
def rollback() -> None:
    """Each shows what it changes before it does it, and keeps who did it, when and why."""


@app.command()
def data(
    dataset: OfDataset,
    named: Annotated[
        str, typer.Argument(metavar="COMMIT|FILE", help="A commit of main, or a file below incoming/DATASET/.")
    ],
    *,
    reason: Reason = "",
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Take rows of a file, or of a commit's files, off main, put back what they had replaced, and mind the models."""
    refuse_without_reason(reason, yes=yes)
    environment = Environment.load()
    work = DataRollbacks(environment, Dataset(environment, dataset))
    models = BadModels(environment, Dataset(environment, dataset))
    shown: Shown | None = None
    for _ in range(TRIES):
        try:
            with _found(work, models, named, reason) as (found, staged):
                changed = found.changes_of(shown)
                if changed and not as_json:
                    _show(dataset, found)
                if not meant(reason, yes=yes or not changed, as_json=as_json):
                    _tell(found, "", as_json=as_json)
                    return
                shown = found
                commit = staged.merge().id if staged else "nothing"
        except MergeConflictError:
            continue
        if found.change:
            work.read_again(found.change)
        models.carry_out(found.models, found.target.since.id, reason)
        _tell(found, commit, as_json=as_json)
        return
    raise AdvisedError(
        f"main of {dataset} changed under each of {TRIES} tries: nothing is rolled back",
        "run the command again when fewer files come",
    )


@contextmanager
def _found(work: DataRollbacks, models: BadModels, named: str, reason: str) -> Iterator[tuple[Shown, Staged | None]]:
    """What is meant, on main as it is now, staged; nothing is staged where nothing of it is on main."""
    targets = work.look()
    target = work.find(targets, named)
    with work.staged(targets, target, reason) as staged:
        yield Shown(target, staged.change if staged else None, models.of(target)), staged


@app.command()
def model(
    dataset: OfDataset,
    *,
    to: Annotated[
        int | None, typer.Option(metavar="VERSION", help="The version to serve; the last one before, unless named.")
    ] = None,
    reason: Reason = "",
    yes: Yes = False,
) -> None:
    """Serve a version that served before, and reject the present one for good."""
    refuse_without_reason(reason, yes=yes)
    environment = Environment.load()
    models, out = Models(environment, Dataset(environment, dataset)), console.stdout()
    wanted = models.exchange(to)
    out.print(models_view.exchange_block(dataset, wanted), soft_wrap=True)
    if not meant(reason, yes=yes, as_json=False):
        out.print(UNDONE)
        return
    models.carry_out(wanted, reason)
    out.print(f"version {wanted.to.version} is approved; deploy_model brings {models.group} to it")


@app.command()
def functions(
    *,
    to: Annotated[
        str | None,
        typer.Option(metavar="APPLY", help="As `lakeloop functions` shows it; the one before, unless named."),
    ] = None,
    reason: Reason = "",
    yes: Yes = False,
) -> None:
    """Run the versions of a former apply again, until the next one, whose plan says what was set back and why."""
    refuse_without_reason(reason, yes=yes)
    rollouts, out = Rollouts(Environment.load()), console.stdout()
    way = rollouts.way(to)
    out.print(rollouts_view.way_block(way, rollouts, datetime.now(UTC)), soft_wrap=True)
    if not meant(reason, yes=yes, as_json=False):
        out.print(UNDONE)
        return
    rollouts.go(way, reason)
    out.print("they run; mend the code before the next apply, which brings it forward again", soft_wrap=True)


def refuse_without_reason(reason: str, *, yes: bool) -> None:
    if yes and not reason.strip():
        raise MistakenNameError("nobody will know why", "say it: --reason 'the sensor was upside down'")


def meant(reason: str, *, yes: bool, as_json: bool) -> bool:
    """Whether to do what was shown."""
    return bool(reason.strip()) and (yes or (not as_json and typer.confirm("do it?")))


def _show(dataset: str, found: Shown) -> None:
    out = console.stdout()
    out.print(view.change_block(dataset, found.target, found.change), soft_wrap=True)
    out.print(models_view.consequences_block(dataset, found.models), soft_wrap=True)


def _tell(found: Shown, commit: str, *, as_json: bool) -> None:
    """What was done; `commit` is empty where nothing was."""
    if as_json:
        print_json(view.as_json(found.target, found.change, found.models, commit))
        return
    out = console.stdout()
    if not commit:
        out.print(UNDONE)
        return
    out.print(f"rolled back with commit {commit}" if found.change else "models and jobs are seen to", soft_wrap=True)
    if found.target.files:
        out.print("dropped again or replayed by name, such a file is taken in again", soft_wrap=True)
