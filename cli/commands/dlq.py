"""`lakeloop dlq`: what could not be handled, why, and what to do about it."""

from collections.abc import Sequence
from datetime import timedelta
from re import fullmatch
from typing import Annotated

import typer

from lakeloop.cli import console
from lakeloop.cli.options import AsJson
from lakeloop.cli.output import print_json
from lakeloop.cli.views import letters as view
from lakeloop.cli.views import log_lines
from lakeloop.cli.views.layout import counted
from lakeloop.client.environment import Environment
from lakeloop.client.errors import MistakenNameError
from lakeloop.client.redrive import Letters, Verdict, Wanted

app = typer.Typer(help="Look into the dead-letter queues, redrive letters, or throw them away.", no_args_is_help=True)

UNITS = {"m": "minutes", "h": "hours", "d": "days"}

Chain = Annotated[str | None, typer.Option(help="Only this chain, such as transform_data.")]
OfDataset = Annotated[str | None, typer.Option("--dataset", help="Only what is about this dataset.")]
Object = Annotated[str, typer.Option("--object", help="Only objects whose address holds this.")]
ForReason = Annotated[str, typer.Option("--reason", help="Only reasons that hold this.")]
OlderThan = Annotated[str, typer.Option(help="Only what failed first longer ago than this: 30m, 6h, 2d.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without it, only what would happen is shown.")]


@app.callback()
def dlq() -> None:
    """Messages that no retry could help; each can be sent back once its cause is mended."""


@app.command("list")
def list_letters(
    chain: Chain = None,
    dataset: OfDataset = None,
    object_: Object = "",
    reason: ForReason = "",
    older_than: OlderThan = "",
    *,
    as_json: AsJson = False,
) -> None:
    """List the messages in the dead-letter queues, with object, reason and how often each was tried."""
    work, wanted = _chosen(chain, dataset, object_, reason, older_than)
    found = work.chosen(wanted)
    if as_json:
        print_json(found)
        return
    out = console.stdout()
    for letter in found:
        out.print(view.block(letter, work.cause_gone(letter)), soft_wrap=True)
    out.print(f"{counted(len(found), 'dead letter')} in {chain or 'all chains'}")


@app.command()
def show(
    chain: Chain = None,
    dataset: OfDataset = None,
    object_: Object = "",
    reason: ForReason = "",
    older_than: OlderThan = "",
    *,
    lines: Annotated[int, typer.Option(help="Show so many of its log lines at most.", min=0)] = 20,
) -> None:
    """Show letters with what was done about them before, and what the function logged about each."""
    work, wanted = _chosen(chain, dataset, object_, reason, older_than)
    found = work.chosen(wanted)
    out = console.stdout()
    for letter in found:
        out.print(view.block(letter, work.cause_gone(letter), work.history(letter)), soft_wrap=True)
        for line in work.lines(letter)[-lines:] if lines else []:
            out.print(log_lines.text(line, len(letter.chain)), soft_wrap=True)
    out.print(f"{counted(len(found), 'dead letter')} in {chain or 'all chains'}")


@app.command()
def redrive(
    chain: Chain = None,
    dataset: OfDataset = None,
    object_: Object = "",
    reason: ForReason = "",
    older_than: OlderThan = "",
    *,
    why: Annotated[str, typer.Option(help="What was mended; kept with your name.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Also what came back unchanged twice.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Send letters to the queue of their chain again; those whose cause is gone are thrown away instead."""
    work, wanted = _chosen(chain, dataset, object_, reason, older_than)
    _tell(work.redrive(wanted, _required(why, yes=yes), really=yes, force=force), yes=yes, as_json=as_json)


@app.command()
def purge(
    chain: Chain = None,
    dataset: OfDataset = None,
    object_: Object = "",
    reason: ForReason = "",
    older_than: OlderThan = "",
    *,
    why: Annotated[str, typer.Option(help="Why nobody needs them; kept with your name.")] = "",
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Throw letters away for good."""
    work, wanted = _chosen(chain, dataset, object_, reason, older_than)
    _tell(work.purge(wanted, _required(why, yes=yes), really=yes), yes=yes, as_json=as_json)


def _chosen(
    chain: str | None, dataset: str | None, object_: str, reason: str, older_than: str
) -> tuple[Letters, Wanted]:
    environment = Environment.load()
    chains = environment.outputs.chains
    if chain and chain not in chains:
        raise MistakenNameError(f"no chain is called {chain!r}", f"name one of {', '.join(chains)}")
    if dataset:
        environment.require_dataset(dataset)
    return Letters(environment), Wanted(chain or "", dataset or "", object_, reason, _span(older_than))


def _span(text: str) -> timedelta:
    if not text:
        return timedelta()
    found = fullmatch(r"(\d{1,5})([mhd])", text)
    if found is None:
        raise MistakenNameError(f"{text!r} is no span of time", "write it like 30m, 6h or 2d")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def _required(why: str, *, yes: bool) -> str:
    if yes and not why.strip():
        raise MistakenNameError("nobody will know why", "say it: --why 'the contract takes the value now'")
    return why.strip()


def _tell(verdicts: Sequence[Verdict], *, yes: bool, as_json: bool) -> None:
    if as_json:
        print_json(verdicts)
        return
    view.tell_verdicts(console.stdout(), verdicts, really=yes)
