"""`lakeloop rollback`: bad data off main, or the model before."""

from typing import Annotated

import typer

from lakeloop.cli import console
from lakeloop.cli.output import print_json
from lakeloop.cli.views import rollback as view
from lakeloop.client.data_rollback import DataRollbacks
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError, MistakenNameError
from lakeloop.errors import MergeConflictError
from lakeloop.rollback.service import Change
from lakeloop.rollback.target import Target

# How often a rollback begins anew while others commit the same part of main.
TRIES = 5

app = typer.Typer(help="Take back data that should not have come, or a model.", no_args_is_help=True)

OfDataset = Annotated[str, typer.Argument(metavar="DATASET", help="Name of the dataset.")]
Reason = Annotated[str, typer.Option(help="Why; kept with your name. Without it, only what would change is shown.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs; changes nothing without --yes.")]


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
    """Take the rows of a file, or of all files of a commit, off main, and put back what they had replaced."""
    refuse_without_reason(reason, yes=yes)
    environment = Environment.load()
    rollbacks = DataRollbacks(environment, Dataset(environment, dataset))
    shown: Change | None = None
    for _ in range(TRIES):
        targets = rollbacks.look()
        target = rollbacks.find(targets, named)
        if target.gone and not target.files:
            _tell_gone(dataset, target, as_json=as_json)
            return
        try:
            with rollbacks.staged(targets, target, reason) as staged:
                change = staged.change
                if change != shown and not as_json:
                    console.stdout().print(view.change_block(dataset, target, change), soft_wrap=True)
                if not meant(reason, yes=yes or change == shown, as_json=as_json):
                    _tell_undone(target, change, as_json=as_json)
                    return
                shown = change
                commit = staged.merge().id
        except MergeConflictError:
            continue
        rollbacks.read_again(change)
        _tell_done(target, change, commit, as_json=as_json)
        return
    raise AdvisedError(
        f"main of {dataset} changed under each of {TRIES} tries: nothing is rolled back",
        "run the command again when fewer files come",
    )


def refuse_without_reason(reason: str, *, yes: bool) -> None:
    if yes and not reason.strip():
        raise MistakenNameError("nobody will know why", "say it: --reason 'the sensor was upside down'")


def meant(reason: str, *, yes: bool, as_json: bool) -> bool:
    """Whether to do what was shown."""
    return bool(reason.strip()) and (yes or (not as_json and typer.confirm("do it?")))


def _tell_gone(dataset: str, target: Target, *, as_json: bool) -> None:
    if as_json:
        print_json(view.as_json(target, None, ""))
        return
    console.stdout().print(view.gone_block(dataset, target), soft_wrap=True)


def _tell_undone(target: Target, change: Change, *, as_json: bool) -> None:
    if as_json:
        print_json(view.as_json(target, change, ""))
        return
    console.stdout().print("nothing is changed; to do it, say why with --reason")


def _tell_done(target: Target, change: Change, commit: str, *, as_json: bool) -> None:
    if as_json:
        print_json(view.as_json(target, change, commit))
        return
    out = console.stdout()
    out.print(f"rolled back with commit {commit}", soft_wrap=True)
    if target.files:
        out.print("dropped again or replayed by name, such a file is taken in again", soft_wrap=True)
