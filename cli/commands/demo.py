"""`lakeloop demo`: the whole loop on this machine, once, and everything stopped again."""

from typing import Annotated

import typer

DATASET = "breast_cancer"
"""The demo's own."""


def demo(
    dataset: Annotated[
        str | None, typer.Argument(help="An example of datasets/examples/, such as wine; tumours when left out.")
    ] = None,
    *,
    keep: Annotated[bool, typer.Option("--keep", envvar="KEEP", help="Leave the local cloud running.")] = False,
    setup_seconds: Annotated[
        float, typer.Option(envvar="LAKELOOP_SETUP_SECONDS", help="Seconds that set-up took before, for the report.")
    ] = 0,
) -> None:
    """Run the whole loop on real data: drop, commit, tune, deploy, predict."""
    # scikit-learn takes a second to import, which no other command should wait for.
    from lakeloop.cli.demo import example, session  # noqa: PLC0415

    if dataset in (None, DATASET):
        session.play(keep=keep, setup_seconds=setup_seconds)
    else:
        example.play(dataset, keep=keep)
