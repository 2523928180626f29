"""`lakeloop status` on the screen: datasets first, the local cloud's parts last."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from rich.console import Console, RenderableType
from rich.text import Text

from lakeloop import names
from lakeloop.cli.views.layout import COMMIT_SHOWN, age, card, counted, is_wide, table, with_short_commits
from lakeloop.client.failures import described
from lakeloop.client.served import ServedModel
from lakeloop.client.summary import ChainSummary, DatasetSummary, Overview
from lakeloop.failures import Failure
from lakeloop.local.cloud import PartStatus
from lakeloop.training.ports import TuningRun

UNKNOWN = "not known"


def screen(overview: Overview, parts: Sequence[PartStatus], out: Console, now: datetime) -> Iterator[RenderableType]:
    """The whole screen, piece by piece."""
    for part, problem in overview.problems.items():
        yield Text(f"{part} {problem}", style="red")
    if is_wide(out):
        yield from dataset_tables(overview, now)
    else:
        for dataset in overview.datasets:
            yield card(dataset.name, list(dataset_lines(dataset, overview.environment, now)))
            yield ""
    yield queues(overview.chains, out)
    yield Text(f"drop files at   {overview.drop_files_at}")
    yield Text(f"predictions at  {overview.predictions_at}")
    if overview.experiments_at:
        yield Text(f"experiments at  {overview.experiments_at}")
    if parts:
        yield ""
        yield parts_view(parts, out)


def dataset_tables(overview: Overview, now: datetime) -> Iterator[RenderableType]:
    """What a card says, side by side: first what there is, then where it comes from."""
    environment = overview.environment
    columns = ("dataset", "rows", "new", "quarantined", "dead letters", "endpoint", "metric", "made")
    yield table("datasets", columns, [dataset_row(dataset, now) for dataset in overview.datasets])
    rows = []
    for dataset in overview.datasets:
        said = dict(dataset_lines(dataset, environment, now))
        rows.append(
            [dataset.name, *(said.get(name, "-") for name in ("learned from", "last training", "next training"))]
        )
    yield table("models", ("dataset", "the served one learned from", "last training", "next training"), rows)
    for dataset in overview.datasets:
        for step, complaint in complaints(dataset, environment, now):
            yield Text(f"{dataset.name}, {step}, ").append_text(complaint)
        for what, found in compared(dataset, environment, now):
            yield Text(f"{dataset.name}, {what}, ").append_text(found)
        if dataset.last_failure:
            yield Text(f"{dataset.name}, ").append_text(last_failure(dataset.last_failure, now))
    yield ""


def dataset_row(dataset: DatasetSummary, now: datetime) -> Sequence[str | Text]:
    served = dataset.endpoint.model if dataset.endpoint else None
    metric = f"{served.metric} {served.value:.4f}" if served and served.value is not None else "-"
    dead = Text(number(dataset.dead_letters), style="red" if dataset.dead_letters else "")
    made = age(served.created, now) if served else "-"
    aside = quarantine(dataset) or "-"
    return (
        dataset.name,
        number(dataset.rows),
        number(dataset.rows_new),
        aside,
        dead,
        endpoint_state(dataset),
        metric,
        made,
    )


def number(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"


def last_failure(failure: Failure, now: datetime) -> Text:
    return Text(f"{age(datetime.fromisoformat(failure.last_failed_at), now)}: {described(failure)}", style="yellow")


def dataset_lines(dataset: DatasetSummary, environment: str, now: datetime) -> Iterator[tuple[str, str | Text]]:
    """What there is to say of one dataset, its data first."""
    yield "data", data(dataset)
    yield "quarantine", quarantine(dataset)
    if dataset.dead_letters:
        yield "dead letters", Text(f"{dataset.dead_letters}, see `lakeloop dlq list`", style="red")
    endpoint = dataset.endpoint
    yield "endpoint", endpoint_state(dataset)
    if endpoint and endpoint.model:
        yield "model", model(endpoint.model, environment, now)
        yield "learned from", learned_from(endpoint.model, dataset.head, environment)
    if dataset.last_training:
        yield "last training", last_training(dataset.last_training, environment, now)
    yield "next training", next_training(dataset, environment)
    yield from complaints(dataset, environment, now)
    yield from compared(dataset, environment, now)
    if dataset.last_failure:
        yield "last failure", last_failure(dataset.last_failure, now)


def complaints(dataset: DatasetSummary, environment: str, now: datetime) -> Iterator[tuple[str, Text]]:
    """What steps said last that somebody should look at, but what is said of the next training already."""
    for said in dataset.complaints or ():
        if said.why != dataset.why_no_training:
            yield said.step, Text(f"{age(said.at, now)}: {short(said.why, environment)}", style="yellow")


def compared(dataset: DatasetSummary, environment: str, now: datetime) -> Iterator[tuple[str, Text]]:
    """What came of comparing the landing bucket with main last, and predictions with their model's rows.

    Not what is a complaint.
    """
    for what, said in (("landing", dataset.reconciled), ("predictions", dataset.watched)):
        if said and said not in (dataset.complaints or ()):
            yield what, Text(f"{age(said.at, now)}: {short(said.why, environment)}")


def data(dataset: DatasetSummary) -> str:
    if dataset.rows is None:
        return UNKNOWN if dataset.head is None else "no rows yet"
    if dataset.rows_new is None:
        return counted(dataset.rows, "row")
    if not dataset.rows and not dataset.rows_new:
        return "no rows yet"
    since = "since the served model" if dataset.endpoint and dataset.endpoint.model else "that no model serves"
    return f"{counted(dataset.rows, 'row')} on main, {dataset.rows_new:,} of them new {since}"


def quarantine(dataset: DatasetSummary) -> str:
    said = []
    if dataset.rows_quarantined:
        said.append(counted(dataset.rows_quarantined, "row"))
    if dataset.files_quarantined_whole:
        said.append(counted(dataset.files_quarantined_whole, "whole file"))
    return " and ".join(said)


def endpoint_state(dataset: DatasetSummary) -> Text:
    if dataset.endpoint is None:
        known = dataset.rows_new is not None
        return Text("none yet" if known else UNKNOWN)
    good = dataset.endpoint.state == "in service"
    return Text(dataset.endpoint.state, style="green" if good else "yellow")


def model(served: ServedModel, environment: str, now: datetime) -> str:
    metric = f", {served.metric} {served.value:.4f}" if served.value is not None else ""
    return f"{short(served.name, environment)}{metric}, made {age(served.created, now)}"


def learned_from(served: ServedModel, head: str | None, environment: str) -> str:
    if not served.commit:
        return "a model without lakeloop's tags: made by hand"
    where = " (head of main)" if served.commit == head else ""
    return f"commit {served.commit[:COMMIT_SHOWN]}{where} by {short(served.tuning_job, environment)}"


def last_training(run: TuningRun, environment: str, now: datetime) -> str:
    why = run.tags.get(names.WHY_TAG, "")
    said = f"{short(run.name, environment)} {run.status}, started {age(run.created, now)}"
    return f"{said}: {short(why, environment)}" if why else said


def next_training(dataset: DatasetSummary, environment: str) -> str:
    if dataset.why_no_training is None:
        return UNKNOWN
    return short(dataset.why_no_training, environment) or "due now"


def short(text: str, environment: str) -> str:
    """Names without the environment that they all begin with, commits as lakeFS shows them."""
    return with_short_commits(text.replace(f"{environment}-", ""))


def queues(chains: Sequence[ChainSummary], out: Console) -> RenderableType:
    rows = []
    for chain in chains:
        dead = Text(str(chain.dead_letters), style="red" if chain.dead_letters else "")
        failure = described(chain.last_failure) if chain.last_failure else ""
        rows.append((chain.name, str(chain.waiting), str(chain.in_flight), dead, failure))
    columns = ("queue", "waiting", "in flight", "dead letters", "last failure")
    if is_wide(out) or not any(row[-1] for row in rows):
        shown = len(columns) if any(row[-1] for row in rows) else len(columns) - 1
        return table("queues", columns[:shown], [row[:shown] for row in rows])
    return card("queues", [line for row in rows for line in queue_lines(*row)])


def queue_lines(name: str, waiting: str, in_flight: str, dead: Text, failure: str) -> Iterable[tuple[str, Text]]:
    counts = Text.assemble(f"{waiting} waiting, {in_flight} in flight, ", dead, " dead letters")
    yield name, counts
    yield "", Text(failure, style="yellow")


def parts_view(parts: Sequence[PartStatus], out: Console) -> RenderableType:
    rows = [(part.name, health(part), part.url, f"{part.rss_mb:.0f} MB", str(part.pid or "-")) for part in parts]
    if is_wide(out):
        return table("local cloud", ("part", "health", "url", "memory", "pid"), rows)
    return card("local cloud", [(name, Text.assemble(said, f"  {url}")) for name, said, url, _, _ in rows])


def health(part: PartStatus) -> Text:
    if part.healthy:
        return Text("healthy", style="green")
    return Text(f"not answering: `lakeloop logs {part.name}`", style="red")
