"""`lakeloop drop`: a file into the loop, and on demand all the way to the endpoint."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from lakeloop.cli import console, invocation, quarantine
from lakeloop.cli.output import print_json
from lakeloop.cli.progress import Progress, show_progress
from lakeloop.client.dataset import Dataset, refuse_missing
from lakeloop.client.environment import Environment
from lakeloop.client.errors import RefusedDataError, WaitedTooLongError
from lakeloop.client.follow import Drop, Ingested, Postponed, described
from lakeloop.client.loop import LoopWatch
from lakeloop.client.quarantine import BrokenRule, Rejected, broken_rules
from lakeloop.registry.ports import Approval

DROP, ROWS, TUNING, TRIALS = "drop the file", "rows on main", "tuning job", "trials"
VERDICT, ENDPOINT = "model against the test rows", "endpoint in service"

Outcome = Literal["dropped", "committed", "not_promoted", "served", "refused", "failed", "timed_out"]


@dataclass
class Dropped:
    """What became of a file, as far as it was followed; `--json` prints it.

    `dropped` is all that is known without `--follow`; `committed` means that no training is due and `not_promoted` that
    the model that was trained is rejected or waits for a person, and `why` says why.
    """

    outcome: Outcome
    file: str = ""
    version: str = ""
    rows: int = 0
    commit: str = ""
    rows_committed: int = 0
    rows_quarantined: int = 0
    quarantine_uri: str = ""
    broken_rules: list[BrokenRule] = field(default_factory=list)
    tuning_job: str = ""
    model: str = ""
    endpoint: str = ""
    why: str = ""

    def take_drop(self, drop: Drop) -> None:
        self.outcome, self.rows = "dropped", drop.rows
        self.file, self.version = drop.landed.uri, drop.landed.version

    def take_rows(self, ingested: Ingested, rejected: list[Rejected]) -> None:
        self.outcome, self.commit = "committed", ingested.commit
        self.rows_committed, self.rows_quarantined = ingested.rows_committed, ingested.rows_quarantined
        self.quarantine_uri, self.broken_rules = ingested.quarantine_uri, broken_rules(rejected)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Note how the work inside ended, also when it ends with an error, which goes on."""
        try:
            yield
        except Exception as error:
            kinds: dict[type[Exception], Outcome] = {RefusedDataError: "refused", WaitedTooLongError: "timed_out"}
            self.outcome, self.why = kinds.get(type(error), "failed"), str(error)
            raise


def drop(
    file: Annotated[Path, typer.Argument(help="The file to drop.")],
    dataset: Annotated[str, typer.Option(help="Name of the dataset.")],
    *,
    follow: Annotated[bool, typer.Option("--follow", help="Follow the file until its model is served.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, for other programs; progress on stderr.")
    ] = False,
) -> None:
    """Drop a file into the landing bucket, under incoming/DATASET/."""
    refuse_missing(file)
    environment = Environment.load()
    target = Dataset(environment, dataset)
    result = Dropped("failed")
    try:
        with result.told():
            if follow:
                follow_file(target, environment, file, result, console.stderr() if as_json else console.stdout())
            else:
                result.take_drop(target.drop(file))
    finally:
        if as_json:
            print_json(result)
        else:
            tell(result, console.stdout(), follow=follow)


def follow_file(dataset: Dataset, environment: Environment, file: Path, result: Dropped, out: Console) -> None:
    """Follow a file as far as it leads; RefusedDataError when nothing of it gets in."""
    watch = LoopWatch(environment, dataset)
    with show_progress(out, (DROP, ROWS, TUNING, TRIALS, VERDICT, ENDPOINT)) as progress:
        with progress.step(DROP) as note:
            dropped = dataset.drop(file)
            result.take_drop(dropped)
            note(f"{dropped.rows} rows at {dropped.landed}")
        with progress.step(ROWS) as note:
            ingested = watch.wait_for_rows(dropped, note)
            result.take_rows(ingested, dataset.quarantined(ingested.quarantine_uri) if ingested.quarantine_uri else [])
            refuse_quarantined_whole(ingested)
        follow_model(watch, result, progress)


def refuse_quarantined_whole(ingested: Ingested) -> None:
    if not ingested.commit:
        raise RefusedDataError(
            f"all {ingested.rows_quarantined} rows are quarantined, nothing of the file is on main",
            "mend the file, or the contract, by the rules above and drop it again under its name",
        )


def follow_model(watch: LoopWatch, result: Dropped, progress: Progress) -> None:
    """Wait for what a commit leads to."""
    with progress.step(TUNING) as note:
        run = watch.wait_for_tuning(result.commit, note)
    if isinstance(run, Postponed):
        result.why = run.why
        return
    result.tuning_job = run.name
    with progress.step(TRIALS) as note:
        watch.wait_for_trials(run.name, note)
    with progress.step(VERDICT) as note:
        version = watch.wait_for_verdict(run.name, note)
    result.model = version.arn
    if version.approval is not Approval.APPROVED:
        result.outcome, result.why = "not_promoted", described(version)
        return
    with progress.step(ENDPOINT) as note:
        result.endpoint = watch.wait_for_endpoint(run.name, note).name
    result.outcome = "served"


def tell(result: Dropped, out: Console, *, follow: bool) -> None:
    """What there is to say in the end; an error is told by whoever catches it."""
    if result.quarantine_uri:
        quarantine.show_rules(out, result.rows_quarantined, result.broken_rules, result.quarantine_uri)
    if result.outcome == "served":
        out.print(
            f"{result.endpoint} serves the model; next: `{invocation.command()} api DATASET`",
            markup=False,
            soft_wrap=True,
        )
    elif result.outcome == "not_promoted":
        out.print(f"the new model is not served: {result.why}", markup=False, soft_wrap=True)
    elif result.outcome == "committed":
        out.print(f"no tuning now: {result.why}", markup=False, soft_wrap=True)
    elif result.outcome == "dropped" and not follow:
        where = f"{result.file}?versionId={result.version}"
        out.print(f"dropped {result.rows} rows at {where}", markup=False, soft_wrap=True)
        out.print("next: `lakeloop status` shows what becomes of it, `lakeloop dlq list` what could not be handled")
