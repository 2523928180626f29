"""`lakeloop dlq`: what could not be handled, and why."""

from typing import Annotated

import typer
from rich.table import Table

from cli import console
from cli.dead_letters import DeadLetter, DeadLetters
from cli.environment import Environment
from cli.errors import CliError

app = typer.Typer(help="Look into the dead-letter queues.", no_args_is_help=True)


@app.callback()
def dlq() -> None:
    """Messages that no retry could help; each can be sent back once its cause is mended."""


@app.command("list")
def list_letters(
    chain: Annotated[str | None, typer.Option(help="Only this chain, such as transform_data.")] = None,
) -> None:
    """List the messages in the dead-letter queues, with object, reason and how often each was tried."""
    environment = Environment.load()
    if chain and chain not in environment.outputs.chains:
        raise CliError(f"no chain is called {chain!r}", f"name one of {', '.join(environment.outputs.chains)}")
    dead_letters = DeadLetters(environment)
    letters = dead_letters.of_chain(chain) if chain else dead_letters.all()
    out = console.stdout()
    if not letters:
        out.print(f"no dead letters in {chain or 'any chain'}")
        return
    out.print(table(letters))


def table(letters: list[DeadLetter]) -> Table:
    view = Table(title=f"{len(letters)} dead letters", title_justify="left", show_lines=True)
    for column in ("chain", "object", "reason", "tries", "first failure", "last failure", "message id"):
        view.add_column(column, overflow="fold")
    for letter in letters:
        view.add_row(
            letter.chain,
            letter.object,
            letter.reason,
            str(letter.attempts),
            letter.first_failed_at,
            letter.last_failed_at,
            letter.message_id,
        )
    return view
