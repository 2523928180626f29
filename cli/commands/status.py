"""`lakeloop status`: what runs where, and how far the loop is."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.table import Table

from lakeloop import names
from lakeloop.adapters.runtime import SageMakerEndpoints
from lakeloop.cli import console
from lakeloop.client import local_cloud
from lakeloop.client.dataset import Dataset
from lakeloop.client.dead_letters import depth
from lakeloop.client.environment import Chain, Environment
from lakeloop.deployment.ports import EndpointState
from lakeloop.errors import LakeloopError
from lakeloop.lake.ports import LakeCommit
from lakeloop.local.cloud import PartStatus
from lakeloop.training.ports import TuningRun


@dataclass(frozen=True)
class DatasetStatus:
    """One dataset's way from data to model."""

    name: str
    head: LakeCommit | None
    lake_problem: str
    tuning: TuningRun | None
    endpoint: EndpointState | None
    model: str


@dataclass(frozen=True)
class QueueStatus:
    """One chain's messages: waiting, being worked on, given up."""

    chain: str
    waiting: int
    in_flight: int
    dead: int


def status() -> None:
    """Show the local cloud's parts, datasets, models and queues."""
    out = console.stdout()
    if cloud := local_cloud.running():
        out.print(parts_table(cloud.parts()))
    environment = Environment.load()
    out.print(datasets_table(dataset_status(environment, name) for name in environment.outputs.datasets))
    out.print(queues_table(queue_status(environment, *chain) for chain in environment.outputs.chains.items()))
    out.print(f"drop files at s3://{environment.outputs.landing_bucket}/incoming/<dataset>/", markup=False)
    out.print(f"predictions at {environment.api_base_url}/datasets/<dataset>/predictions", markup=False)


def dataset_status(environment: Environment, name: str) -> DatasetStatus:
    dataset = Dataset(environment, name)
    endpoint = dataset.endpoint()
    live = None
    if endpoint:
        live = SageMakerEndpoints(environment.sagemaker, environment.sagemaker_runtime).live_model(endpoint.name)
    head, lake_problem = lake_head(dataset)
    return DatasetStatus(
        name=name,
        head=head,
        lake_problem=lake_problem,
        tuning=dataset.latest_tuning(),
        endpoint=endpoint,
        model=live.version if live else "",
    )


def lake_head(dataset: Dataset) -> tuple[LakeCommit | None, str]:
    """The head of main, or why it is not known: lakeFS may be down, or reachable from inside its network only."""
    try:
        return next(iter(dataset.commits()), None), ""
    except LakeloopError as error:
        return None, str(error)


def queue_status(environment: Environment, name: str, chain: Chain) -> QueueStatus:
    queue = depth(environment.sqs, chain.queue_url)
    return QueueStatus(name, queue.waiting, queue.in_flight, depth(environment.sqs, chain.dlq_url).waiting)


def parts_table(parts: Iterable[PartStatus]) -> Table:
    view = _table("local cloud", "part", "pid", "url", "memory", "health", "log")
    for part in parts:
        health = "[green]healthy[/]" if part.healthy else "[red]not answering[/]"
        memory, log = f"{part.rss_mb:.0f} MB", str(part.log_file or "-")
        view.add_row(part.name, str(part.pid or "-"), part.url, memory, health, log)
    return view


def datasets_table(datasets: Iterable[DatasetStatus]) -> Table:
    columns = ("dataset", "head of main", "its rows", "last tuning job", "on commit", "endpoint", "model")
    view = _table("datasets", *columns)
    for dataset in datasets:
        head, tuning, endpoint = dataset.head, dataset.tuning, dataset.endpoint
        view.add_row(
            dataset.name,
            head.id[:12] if head else dataset.lake_problem or "-",
            head.metadata.get("rows_committed", "-") if head else "-",
            f"{tuning.name} {tuning.status}" if tuning else "-",
            tuning.commit[:12] if tuning else "-",
            f"{endpoint.status}{_rollout(endpoint)}" if endpoint else "-",
            dataset.model or "-",
        )
    return view


def _rollout(endpoint: EndpointState) -> str:
    desired = endpoint.tags.get(names.DESIRED_CONFIG_TAG, endpoint.config)
    return "" if endpoint.config == desired else f", not yet {desired}"


def queues_table(queues: Iterable[QueueStatus]) -> Table:
    view = _table("queues", "chain", "waiting", "in flight", "dead letters")
    for queue in queues:
        dead = f"[red]{queue.dead}[/]" if queue.dead else "0"
        view.add_row(queue.chain, str(queue.waiting), str(queue.in_flight), dead)
    return view


def _table(title: str, *columns: str) -> Table:
    view = Table(title=title, title_justify="left")
    for column in columns:
        view.add_column(column, overflow="fold")
    return view
