"""`lakeloop replay` and `lakeloop reconcile`: landed files through the gate again, and what main has not of them."""

from collections import Counter
from datetime import UTC, datetime
from typing import Annotated

import typer

from lakeloop.cli import console, invocation
from lakeloop.cli.output import print_json
from lakeloop.cli.views.layout import counted
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.replay import Landing
from lakeloop.ingest.notification import PREFIX
from lakeloop.ingest.reconcile import SENT, told

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs; sends nothing without --yes.")]
FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]


def replay(
    dataset: Annotated[str, typer.Argument(help="Name of the dataset.")],
    *,
    since: Annotated[
        datetime | None, typer.Option(formats=FORMATS, help="Only files that landed then or later, in UTC.")
    ] = None,
    quarantined: Annotated[bool, typer.Option("--quarantined", help="Only files with rows in quarantine.")] = False,
    file: Annotated[str, typer.Option(help="Only this file, by its name below incoming/DATASET/.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Send without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send landed files through the gate again: what an earlier contract read, and what is not on main."""
    environment = Environment.load()
    landing = Landing(environment, Dataset(environment, dataset))
    start = since.replace(tzinfo=UTC).timestamp() if since else 0.0
    named = [f"{PREFIX}{dataset}/{file}"] if file else []
    files = landing.to_replay(start, *named, quarantined=quarantined)
    out = console.stdout()
    if as_json:
        print_json([{"object": str(found.landed), "why": found.why} for found in files])
    else:
        for why, count in sorted(Counter(found.why for found in files).items()):
            out.print(f"{counted(count, 'file')} {why}", markup=False, soft_wrap=True)
    if not files:
        if not as_json:
            out.print("nothing to replay: main has every such file as the contract reads it now")
        return
    if not yes and (as_json or not typer.confirm(f"send {counted(len(files), 'file')} through the gate again?")):
        return
    for sent in landing.replay(files):
        if not as_json:
            out.print(f"{sent:,} of {len(files):,} sent", end="\r")
    if not as_json:
        out.print()
        out.print(f"next: `{invocation.command()} status` shows the queue of replay_landing", markup=False)


def reconcile(
    dataset: Annotated[str, typer.Argument(help="Name of the dataset.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what main has not, and send nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare the landing bucket with main now, and send what no event told of."""
    environment = Environment.load()
    landing = Landing(environment, Dataset(environment, dataset))
    findings = landing.findings()
    out = console.stdout()
    if as_json:
        print_json([{"object": str(found.file.landed), "found": found.kind} for found in findings])
    else:
        for found in findings:
            if found.kind in SENT:
                out.print(f"{found.kind:8} {found.file.landed}", markup=False, soft_wrap=True)
        out.print(told(Counter(found.kind for found in findings), dry_run=dry_run), markup=False, soft_wrap=True)
    if not dry_run and not as_json:
        landing.reconcile()
