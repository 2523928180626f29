"""Entry point of the `lakeloop` command."""

import importlib.metadata
import signal
import sys
from dataclasses import dataclass
from typing import Annotated, ClassVar

import typer
from rich.text import Text

from lakeloop.cli import console
from lakeloop.cli.lazy import Lazy, LazyGroup

COMMANDS = "lakeloop.cli.commands"


@dataclass
class Options:
    """What holds for every command."""

    debug: bool = False


class Commands(LazyGroup):
    """All commands; each line here is the first of its command's own help."""

    table: ClassVar = {
        "up": Lazy(f"{COMMANDS}.cloud:up", "Start the local cloud, with all that it held when it was stopped."),
        "apply": Lazy(
            f"{COMMANDS}.cloud:apply",
            "Build the packages and apply infra/ to the local cloud, with the real Terraform.",
        ),
        "down": Lazy(
            f"{COMMANDS}.cloud:down",
            "Stop the local cloud; what it holds is there again after the next `lakeloop up`, unless it is reset.",
        ),
        "status": Lazy(f"{COMMANDS}.status:status", "Show datasets, their data and models, then queues and parts."),
        "drop": Lazy(f"{COMMANDS}.drop:drop", "Drop a file into the landing bucket, under incoming/DATASET/."),
        "predict": Lazy(f"{COMMANDS}.predict:predict", "Predict one row with the model that is served."),
        "feedback": Lazy(
            f"{COMMANDS}.feedback:feedback", "Tell the labels of a CSV file; rows whose label is empty are left out."
        ),
        "captures": Lazy(f"{COMMANDS}.feedback:app", "Look at the predictions that were kept."),
        "report": Lazy(
            f"{COMMANDS}.report:report",
            "Open the report of a model: verdict and why, metrics beside the champion's, trials, features, lineage.",
        ),
        "api": Lazy(
            f"{COMMANDS}.api:api",
            "Show how to call the predictions of a dataset: URL, key, and a sample request.",
        ),
        "logs": Lazy(f"{COMMANDS}.logs:logs", "Show what the functions, or a part of the local cloud, have logged."),
        "functions": Lazy(
            f"{COMMANDS}.functions:functions",
            "Show what was applied last, what runs of it, and what `lakeloop rollback functions` can go back to.",
        ),
        "quarantine": Lazy(
            f"{COMMANDS}.quarantine:app", "Look at rows that were set aside, export them, and send them back mended."
        ),
        "replay": Lazy(
            f"{COMMANDS}.replay:replay",
            "Send landed files through the gate again: what an earlier contract read, and what is not on main.",
        ),
        "reconcile": Lazy(
            f"{COMMANDS}.replay:reconcile", "Compare the landing bucket with main now, and send what no event told of."
        ),
        "compact": Lazy(
            f"{COMMANDS}.compact:compact", "Put small packs of rows on main together now, without a change of rows."
        ),
        "train": Lazy(
            f"{COMMANDS}.train:train", "Ask for a model trained on a commit, whether or not anything is new."
        ),
        "rollback": Lazy(
            f"{COMMANDS}.rollback:app", "Take back data that should not have come, a model, or a deploy of functions."
        ),
        "models": Lazy(f"{COMMANDS}.models:app", "List, compare and prune the versions of a dataset's model."),
        "history": Lazy(
            f"{COMMANDS}.history:history",
            "Show each training cycle, oldest first: data, trials, metric beside the champion's, verdict.",
        ),
        "drift": Lazy(
            f"{COMMANDS}.drift:drift",
            "Show how far each feature of the predictions is from what the model learned, and how good they are.",
        ),
        "approve": Lazy(
            f"{COMMANDS}.decide:approve", "Have a version of a model served: deploy_model brings the endpoint to it."
        ),
        "reject": Lazy(f"{COMMANDS}.decide:reject", "Have a version of a model never served."),
        "endpoint": Lazy(f"{COMMANDS}.endpoint:app", "Switch the endpoint of a dataset off, and on again."),
        "trace": Lazy(
            f"{COMMANDS}.trace:trace",
            "Show what a file, commit, job, model, endpoint or prediction is made of, and what it led to.",
        ),
        "dlq": Lazy(f"{COMMANDS}.dlq:app", "Look into the dead-letter queues, redrive letters, or throw them away."),
        "contract": Lazy(f"{COMMANDS}.contract:app", "Judge, compile and compare the dataset contracts."),
        "rows": Lazy(
            f"{COMMANDS}.rows:rows",
            "Show the rows of a dataset at a commit: typed, as they were committed, split by split.",
        ),
        "experiments": Lazy(f"{COMMANDS}.experiments:app", "Bring runs to Weights & Biases."),
        "branch": Lazy(f"{COMMANDS}.branch:app", "Change data beside main, try it, then merge or drop it."),
        "dataset": Lazy(f"{COMMANDS}.dataset:app", "Look at datasets, and delete what is left of one."),
        "demo": Lazy(f"{COMMANDS}.demo:demo", "Run the whole loop on real data: drop, commit, tune, deploy, predict."),
    }


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Completion in your shell: `lakeloop --install-completion`. Exit codes and screens: docs/terminal.md.",
)


def tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lakeloop {importlib.metadata.version('lakeloop')}")
        raise typer.Exit


@app.callback()
def lakeloop(
    context: typer.Context,
    *,
    debug: Annotated[bool, typer.Option("--debug", help="Show the whole trace of an error.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=tell_version, is_eager=True)
    ] = False,
) -> None:
    """Event-driven machine learning on AWS: a dropped file becomes a served prediction.

    Commands work on the local cloud when `lakeloop up` has started one, else on AWS with the shell's credentials.
    """
    context.obj.debug = debug


def main() -> None:
    """Run the command; an error becomes what happened and what to do, on stderr, and its exit code."""
    options = Options()
    console.take_any_text()
    # `kill` and a closed terminal stop what was started, as Ctrl-C does, unless `nohup` says otherwise.
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
    try:
        app(obj=options)
    except Exception as error:
        if options.debug:
            raise
        sys.exit(report(error))


def report(error: Exception) -> int:
    """Tell what happened and what to do about it; the exit code."""
    # All that can go wrong is imported with it, boto3 and lakeFS too: only once something has.
    from lakeloop.cli.errors import explain  # noqa: PLC0415
    from lakeloop.cli.exit_codes import exit_code  # noqa: PLC0415

    problem, err = explain(error), console.stderr()
    err.print(Text(f"error: {problem.what}", style="red"), soft_wrap=True)
    err.print(Text(f"what to do: {problem.advice}"), soft_wrap=True)
    return exit_code(error)
