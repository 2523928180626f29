"""Entry point of the `lakeloop` command."""

import signal
import sys
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.text import Text

from lakeloop.cli import console
from lakeloop.cli.commands import contract, dataset, dlq
from lakeloop.cli.commands.api import api
from lakeloop.cli.commands.cloud import apply, down, up
from lakeloop.cli.commands.demo import demo
from lakeloop.cli.commands.drop import drop
from lakeloop.cli.commands.logs import logs
from lakeloop.cli.commands.predict import predict
from lakeloop.cli.commands.status import status
from lakeloop.cli.errors import explain


@dataclass
class Options:
    """What holds for every command."""

    debug: bool = False


app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)


@app.callback()
def lakeloop(
    context: typer.Context,
    *,
    debug: Annotated[bool, typer.Option("--debug", help="Show the whole trace of an error.")] = False,
) -> None:
    """Event-driven machine learning on AWS: a dropped file becomes a served prediction.

    Every command works on what Terraform has deployed: on the local cloud when `lakeloop up` has started one,
    else on AWS with the credentials of the shell.
    """
    context.obj.debug = debug


for command in (up, apply, down, status, drop, predict, api, logs, demo):
    app.command()(command)
app.add_typer(dlq.app, name="dlq")
app.add_typer(contract.app, name="contract")
app.add_typer(dataset.app, name="dataset")


def main() -> None:
    """Run the command; an error becomes what happened and what to do, on stderr, and exit code 1."""
    options = Options()
    # `kill` and a closed terminal stop what was started, as Ctrl-C does, unless `nohup` says otherwise.
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
    try:
        app(obj=options)
    except Exception as error:
        if options.debug:
            raise
        report(error)
        sys.exit(1)


def report(error: Exception) -> None:
    problem, err = explain(error), console.stderr()
    err.print(Text(f"error: {problem.what}", style="red"), soft_wrap=True)
    err.print(Text(f"what to do: {problem.advice}"), soft_wrap=True)
