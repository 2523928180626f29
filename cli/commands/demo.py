"""`lakeloop demo`: the whole loop on this machine, once, and everything stopped again."""

from typing import Annotated

import typer


def demo(
    *,
    keep: Annotated[bool, typer.Option("--keep", envvar="KEEP", help="Leave the local cloud running.")] = False,
    setup_seconds: Annotated[
        float, typer.Option(envvar="LAKELOOP_SETUP_SECONDS", help="Seconds that set-up took before, for the report.")
    ] = 0,
) -> None:
    """Run the whole loop on real data: drop, commit, tune, deploy, predict."""
    # scikit-learn takes a second to import, which no other command should wait for.
    from lakeloop.cli.demo.session import play  # noqa: PLC0415

    play(keep=keep, setup_seconds=setup_seconds)
