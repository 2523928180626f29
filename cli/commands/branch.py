"""`lakeloop branch`: data changed beside main, tried, and merged or dropped."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from lakeloop.cli import console, invocation
from lakeloop.cli.options import AsJson, OfDataset
from lakeloop.cli.output import print_json
from lakeloop.cli.views.layout import COMMIT_SHOWN, age, counted, table, visible
from lakeloop.client.branches import Branches
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError

app = typer.Typer(help="Change data beside main, try it, then merge or drop it.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the branch.")]
Reason = Annotated[str, typer.Option(help="Why; kept with your name in the commit.")]


@app.callback()
def branch() -> None:
    """A branch is main as it was when it was made: what is changed there reaches main by `branch merge` alone."""


@app.command()
def create(
    dataset: OfDataset,
    name: Name,
    *,
    at: Annotated[str, typer.Option(metavar="COMMIT", help="A commit, branch, tag or day to begin at.")] = "main",
    as_json: AsJson = False,
) -> None:
    """Make a branch; it costs nothing, since no object is copied."""
    made = _branches(dataset).create(name, at)
    if as_json:
        print_json(made)
        return
    out, lakeloop = console.stdout(), invocation.command()
    out.print(f"branch {name} of {dataset} begins at {made.commit[:COMMIT_SHOWN]}", markup=False, soft_wrap=True)
    out.print(f"next: `{lakeloop} branch write {dataset} {name} FILE`", markup=False, soft_wrap=True)


@app.command("list")
def list_branches(dataset: OfDataset, *, as_json: AsJson = False) -> None:
    """List the branches of people, the one that changed last first."""
    found = _branches(dataset).listed()
    if as_json:
        print_json(found)
        return
    out, now = console.stdout(), datetime.now(UTC)
    rows = [(visible(b.name), b.commit[:COMMIT_SHOWN], age(datetime.fromtimestamp(b.created, UTC), now)) for b in found]
    out.print(table(f"branches of {dataset}", ("name", "commit", "changed"), rows))


@app.command()
def write(
    dataset: OfDataset,
    name: Name,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A table, in any format that may be dropped.")],
    *,
    replaces: Annotated[
        str, typer.Option(metavar="LANDED", help="A file below incoming/DATASET/ whose rows these take the place of.")
    ] = "",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Put the rows of a file on a branch, judged as if it had landed; under its name again, it replaces them."""
    written = _branches(dataset).write(name, file, reason, replaces)
    if as_json:
        print_json(written)
        return
    out = console.stdout()
    instead = f", in place of {counted(written.replaced, 'row')}" if replaces else ""
    what = f"{counted(written.rows, 'row')} of {file.name} on branch {name}{instead}"
    out.print(f"{what}, commit {written.commit[:COMMIT_SHOWN]}", markup=False, soft_wrap=True)
    if written.refused:
        out.print(f"{counted(written.refused, 'row')} left out:", markup=False)
        for why in written.reasons:
            out.print(f"  {visible(why)}", markup=False, soft_wrap=True)


@app.command()
def diff(dataset: OfDataset, name: Name, *, as_json: AsJson = False) -> None:
    """Count the rows that came, went and changed on a branch since it left main."""
    changes = _branches(dataset).diff(name)
    counts = {"added": changes.added.height, "removed": changes.removed.height, "changed": changes.changed.height}
    if as_json:
        print_json(counts)
        return
    told = ", ".join(f"{count} {what}" for what, count in counts.items())
    console.stdout().print(f"rows of branch {name} beside main: {told}", markup=False, soft_wrap=True)


@app.command()
def check(dataset: OfDataset, name: Name, *, as_json: AsJson = False) -> None:
    """Judge what a branch has and main has not, as `branch merge` does; features that rows lack are made."""
    problems = _branches(dataset).check(name)
    if as_json:
        print_json(problems)
    out = console.stderr() if as_json else console.stdout()
    for problem in problems:
        out.print(visible(str(problem)), markup=False, soft_wrap=True)
    if problems:
        raise AdvisedError(
            f"main would not take branch {name}: {counted(len(problems), 'problem')}", "mend them on the branch"
        )
    out.print(f"branch {name} can be merged, and trained from", markup=False)


@app.command()
def merge(dataset: OfDataset, name: Name, *, reason: Reason = "", as_json: AsJson = False) -> None:
    """Check a branch, bring it to main, and have training look at it."""
    merged = _branches(dataset).merge(name, reason)
    if as_json:
        print_json({"commit": merged.id})
        return
    console.stdout().print(f"branch {name} is on main with commit {merged.id[:COMMIT_SHOWN]}", markup=False)


@app.command()
def drop(dataset: OfDataset, name: Name) -> None:
    """Delete a branch; what was merged of it stays on main."""
    _branches(dataset).drop(name)
    console.stdout().print(f"branch {name} of {dataset} is gone", markup=False)


def _branches(dataset: str) -> Branches:
    environment = Environment.load()
    return Branches(environment, Dataset(environment, dataset))
