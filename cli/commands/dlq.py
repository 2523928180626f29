"""`lakeloop dlq`: what could not be handled, and why."""

from typing import Annotated

import typer

from lakeloop.cli import console
from lakeloop.cli.output import print_json
from lakeloop.cli.views.layout import counted
from lakeloop.cli.views.letters import block
from lakeloop.client.dead_letters import DeadLetters
from lakeloop.client.environment import Environment
from lakeloop.client.errors import MistakenNameError

app = typer.Typer(help="Look into the dead-letter queues.", no_args_is_help=True)


@app.callback()
def dlq() -> None:
    """Messages that no retry could help; each can be sent back once its cause is mended."""


@app.command("list")
def list_letters(
    chain: Annotated[str | None, typer.Option(help="Only this chain, such as transform_data.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")] = False,
) -> None:
    """List the messages in the dead-letter queues, with object, reason and how often each was tried."""
    environment = Environment.load()
    if chain and chain not in environment.outputs.chains:
        raise MistakenNameError(f"no chain is called {chain!r}", f"name one of {', '.join(environment.outputs.chains)}")
    dead_letters = DeadLetters(environment)
    letters = dead_letters.of_chain(chain) if chain else dead_letters.all()
    if as_json:
        print_json(letters)
        return
    out = console.stdout()
    for letter in letters:
        out.print(block(letter), soft_wrap=True)
    out.print(f"{counted(len(letters), 'dead letter')} in {chain or 'all chains'}")
