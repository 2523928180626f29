"""One dataset from its data to its model, and a whole environment: what a person asks first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from lakeloop.client.dataset import Dataset
from lakeloop.client.dead_letters import DeadLetter, DeadLetters, depth
from lakeloop.client.environment import Chain, Environment
from lakeloop.client.failures import Failures
from lakeloop.client.inquiry import LAKEFS, S3, SAGEMAKER, SQS, Inquiry
from lakeloop.client.main_rows import rows_on_main
from lakeloop.client.served import ServedEndpoint, ServedModels
from lakeloop.failures import Failure
from lakeloop.reports import Step, StepReport
from lakeloop.training.ports import TuningRun

# An older failure is no news: its message was handled by a later try, or waits in a dead-letter queue.
FAILURES_TOLD_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class Said:
    """What a step said last."""

    step: Step
    why: str
    at: datetime


@dataclass(frozen=True)
class DatasetSummary:
    """One dataset; what is None is not known, because its part did not answer.

    `rows_new` are those committed after the data of the served model, or all without a model. `head` is the commit
    that main points to. `why_no_training` is the loop's own sentence, empty when it is about to train.
    `complaints` are of steps where somebody should look; `reconciled` is what came of comparing the landing bucket
    with main last, and `watched` what is known of its predictions, also where all is well.
    """

    name: str
    rows: int | None
    rows_new: int | None
    rows_quarantined: int | None
    files_quarantined_whole: int | None
    dead_letters: int | None
    head: str | None
    endpoint: ServedEndpoint | None
    last_training: TuningRun | None
    why_no_training: str | None
    complaints: tuple[Said, ...] | None
    last_failure: Failure | None
    reconciled: Said | None = None
    watched: Said | None = None


@dataclass(frozen=True)
class ChainSummary:
    """One queue of the loop: messages waiting, being worked on, given up."""

    name: str
    waiting: int
    in_flight: int
    dead_letters: int
    last_failure: Failure | None


@dataclass(frozen=True)
class Overview:
    """All datasets and queues; `problems` says of each part that did not answer what is wrong with it."""

    environment: str
    datasets: tuple[DatasetSummary, ...]
    chains: tuple[ChainSummary, ...]
    problems: Mapping[str, str]
    drop_files_at: str
    predictions_at: str
    experiments_at: str | None = None


class Summaries:
    """Sums up one environment; a part that does not answer is asked once and leaves a gap.

    In a notebook: `Summaries(Environment.load()).dataset("breast_cancer").rows`.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._inquiry = Inquiry()
        self._served = ServedModels(environment.sagemaker)

    def overview(self) -> Overview:
        outputs = self._environment.outputs
        return Overview(
            environment=outputs.name_prefix,
            datasets=tuple(map(self.dataset, outputs.datasets)),
            chains=tuple(self.chains),
            problems=self._inquiry.problems,
            drop_files_at=f"s3://{outputs.landing_bucket}/incoming/<dataset>/",
            predictions_at=f"{self._environment.api_base_url}/datasets/<dataset>/predictions",
            experiments_at=outputs.mlflow_tracking_uri,
        )

    def dataset(self, name: str) -> DatasetSummary:
        dataset = Dataset(self._environment, name)
        ask = self._inquiry.ask
        placed = ask(S3, lambda: self._environment.placements.current(dataset.endpoint_name))
        endpoint = ask(SAGEMAKER, lambda: self._served.endpoint(placed or dataset.endpoint_name))
        last = ask(SAGEMAKER, dataset.latest_tuning)
        log = ask(LAKEFS, lambda: list(dataset.log()))
        rows = ask(LAKEFS, lambda: rows_on_main(log, dataset.index)) if log else None
        quarantined = ask(S3, dataset.quarantined_events)
        reports = ask(S3, lambda: {report.step: report for report in dataset.reports()})
        served = endpoint.model.commit if endpoint and endpoint.model else ""
        # Without SageMaker nobody knows what is trained and served already.
        known = log if SAGEMAKER not in self._inquiry.problems else None
        return DatasetSummary(
            name=name,
            rows=ask(S3, lambda: dataset.rows(log, rows.committed)) if log and rows else None,
            rows_new=ask(S3, lambda: dataset.new_rows(known, served)) if known else None,
            rows_quarantined=rows.quarantined if rows else None,
            files_quarantined_whole=len(quarantined - rows.events) if quarantined is not None and rows else None,
            dead_letters=self._dead_letters(dataset),
            head=log[0].id if log else None,
            endpoint=endpoint,
            last_training=last,
            why_no_training=ask(S3, lambda: dataset.why_no_tuning(known, woken=False)) if known else None,
            complaints=None if reports is None else tuple(said(one) for one in reports.values() if not one.good),
            last_failure=latest(failure for failure in self._failures if dataset.is_meant(failure.object)),
            reconciled=said_by("reconcile_landing", reports),
            watched=said_by("monitor", reports),
        )

    @cached_property
    def chains(self) -> list[ChainSummary]:
        """The queues of the loop; none when SQS does not answer."""
        chains = self._environment.outputs.chains.items()
        return self._inquiry.ask(SQS, lambda: [self._chain(name, chain) for name, chain in chains]) or []

    def _chain(self, name: str, chain: Chain) -> ChainSummary:
        queue = depth(self._environment.sqs, chain.queue_url)
        dead = depth(self._environment.sqs, chain.dlq_url).waiting
        last = latest(failure for failure in self._failures if failure.function == name)
        return ChainSummary(name, queue.waiting, queue.in_flight, dead, last)

    def _dead_letters(self, dataset: Dataset) -> int | None:
        if self._letters is None:
            return None
        return sum(dataset.is_meant(letter.object) for letter in self._letters)

    @cached_property
    def _letters(self) -> list[DeadLetter] | None:
        letters = DeadLetters(self._environment)
        # Looking into an empty queue takes a second.
        dead = [chain.name for chain in self.chains if chain.dead_letters]
        return self._inquiry.ask(SQS, lambda: [letter for name in dead for letter in letters.of_chain(name)])

    @cached_property
    def _failures(self) -> list[Failure]:
        recent, failures = datetime.now(UTC) - FAILURES_TOLD_FOR, Failures(self._environment)
        chains = self._environment.outputs.chains
        return self._inquiry.ask(S3, lambda: [f for name in chains for f in failures.since(name, recent)]) or []


def latest(failures: Iterable[Failure]) -> Failure | None:
    return max(failures, key=lambda failure: failure.last_failed_at, default=None)


def said_by(step: Step, reports: Mapping[Step, StepReport] | None) -> Said | None:
    return said(reports[step]) if reports and step in reports else None


def said(report: StepReport) -> Said:
    return Said(report.step, report.why, report.at)
