"""`lakeloop dlq`: what could not be handled, and why."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from lakeloop.cli import console
from lakeloop.client.dead_letters import DeadLetter, DeadLetters
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError

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
        raise AdvisedError(f"no chain is called {chain!r}", f"name one of {', '.join(environment.outputs.chains)}")
    dead_letters = DeadLetters(environment)
    letters = dead_letters.of_chain(chain) if chain else dead_letters.all()
    if as_json:
        typer.echo(json.dumps([asdict(letter) for letter in letters], indent=2))
        return
    out = console.stdout()
    for letter in letters:
        out.print(block(letter), soft_wrap=True)
    out.print(f"{len(letters)} dead letters in {chain or 'all chains'}")


def block(letter: DeadLetter) -> Text:
    """A letter on lines of its own: a table would break addresses that people copy."""
    failures = " ".join(filter(None, (letter.first_failed_at, "to", letter.last_failed_at)))
    text = Text(f"{letter.chain}\n", style="bold")
    for name, value in (
        ("object", letter.object),
        ("reason", letter.reason),
        ("tries", f"{letter.attempts}, {failures}"),
        ("message", letter.message_id),
    ):
        text.append(f"  {name:8} ", style="dim").append(f"{value}\n", style="not bold")
    return text
