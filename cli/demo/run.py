"""The demo, step by step: nothing is assumed, everything is asked of what runs."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lakeloop.cli.demo.data import DATASET, DemoData, prepare
from lakeloop.cli.demo.report import (
    Counts,
    Metric,
    Report,
    Scored,
    Seconds,
    count,
    heldout_auc,
    p50_ms,
)
from lakeloop.cli.progress import Progress
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.errors import LoopFailedError
from lakeloop.client.follow import Drop, Postponed, described
from lakeloop.client.loop import Deadlines, LoopWatch
from lakeloop.client.predictions import PredictionApi, features_of_row
from lakeloop.client.quarantine import Rejected
from lakeloop.deployment.ports import EndpointState
from lakeloop.lake.ports import LakeCommit
from lakeloop.registry.ports import Approval, ModelVersion
from lakeloop.training.ports import TuningRun

DROP, ROWS, TUNING = "drop the files", "rows on main or in quarantine", "tuning job"
TRIALS, VERDICT = "trials", "model against the test rows"
ENDPOINT, PREDICT = "endpoint in service", "predict the held-out rows"
STEPS = (DROP, ROWS, TUNING, TRIALS, VERDICT, ENDPOINT, PREDICT)

DEADLINES = Deadlines(ingest=120, tuning_start=60, tuning=300, verdict=180, serving=180)


class Stopwatch:
    """Seconds since it was made or last read."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def lap(self) -> float:
        now = time.monotonic()
        seconds, self._last = now - self._last, now
        return seconds


@dataclass(frozen=True)
class Served:
    """What became of the dropped files, as the running system tells it."""

    drops: Sequence[Drop]
    commits: Sequence[LakeCommit]
    run: TuningRun
    trials: int
    best: Metric
    endpoint: EndpointState
    drop_to_commit: float
    commit_to_endpoint: float


@dataclass(frozen=True)
class DemoResult:
    """All there is to show."""

    report: Report
    counts: Counts
    commits: Sequence[LakeCommit]
    rejected: dict[str, list[Rejected]]
    scored: Sequence[Scored]
    positive_class: str


def run_loop(environment: Environment, folder: Path, progress: Progress, *, setup: float, apply: float) -> DemoResult:
    """Drop the demo's data into a deployed environment and follow it to predictions."""
    dataset = Dataset(environment, DATASET)
    watch = LoopWatch(environment, dataset, DEADLINES)
    data = prepare(dataset.contract, folder)
    served = follow(dataset, watch, data, progress)
    positive_class = dataset.contract.positive_class or ""
    scored = predict_all(environment, dataset, data, progress)
    counts = count(served.commits, {drop.landed.uri for drop in served.drops})
    report = Report(
        dataset=dataset.name,
        landed_rows=sum(drop.rows for drop in served.drops),
        committed_rows=counts.committed,
        quarantined_rows=counts.quarantined,
        commit=served.run.commit,
        tuning_job=served.run.name,
        trials=served.trials,
        best_metric=served.best,
        endpoint=served.endpoint.name,
        predictions=len(scored),
        heldout_auc=heldout_auc(scored, positive_class),
        seconds=Seconds(setup, apply, served.drop_to_commit, served.commit_to_endpoint, p50_ms(scored)),
    )
    uris = [file.quarantine_uri for file in counts.files if file.quarantine_uri]
    rejected = {uri: dataset.quarantined(uri) for uri in uris}
    return DemoResult(report, counts, served.commits, rejected, scored, positive_class)


def follow(dataset: Dataset, watch: LoopWatch, data: DemoData, progress: Progress) -> Served:
    """From the files to the endpoint that serves what was learned from them."""
    clock = Stopwatch()
    known = {commit.id for commit in dataset.commits()}
    with progress.step(DROP) as note:
        drops = [dataset.drop(file) for file in data.files]
        note(", ".join(f"{drop.rows} rows in {drop.landed.key}" for drop in drops))
    with progress.step(ROWS) as note:
        ingested = [watch.wait_for_rows(drop, note) for drop in drops]
        again = {file.commit for file in ingested} <= known
        note(f"{'nothing new: ' if again else ''}{'; '.join(map(str, ingested))}")
    drop_to_commit = clock.lap()
    commits = dataset.commits()
    newest = next(commit.id for commit in commits if commit.id in {file.commit for file in ingested})
    with progress.step(TUNING) as note:
        run = tuning_of(dataset, watch.wait_for_tuning(newest, note))
    with progress.step(TRIALS) as note:
        trials = watch.wait_for_trials(run.name, note)
    with progress.step(VERDICT) as note:
        refuse_unapproved(watch.wait_for_verdict(run.name, note))
    with progress.step(ENDPOINT) as note:
        endpoint = watch.wait_for_endpoint(run.name, note)
    return Served(
        drops=drops,
        commits=commits,
        run=run,
        trials=len(trials),
        best=best_metric(dataset, run.name),
        endpoint=endpoint,
        drop_to_commit=drop_to_commit,
        commit_to_endpoint=clock.lap(),
    )


def refuse_unapproved(version: ModelVersion) -> None:
    """Raise LoopFailedError where the demo's model is not to be served."""
    if version.approval is not Approval.APPROVED:
        raise LoopFailedError(f"the model is not served: {described(version)}", "see `lakeloop status`")


def tuning_of(dataset: Dataset, found: TuningRun | Postponed) -> TuningRun:
    """The job to follow; where others' data made the demo's rows too few to train again, the last one."""
    run = dataset.latest_tuning() if isinstance(found, Postponed) else found
    if run is None:
        raise LoopFailedError(f"no tuning was started: {found}", "read the log: `lakeloop logs start_tuning`")
    return run


def best_metric(dataset: Dataset, tuning_job: str) -> Metric:
    best = dataset.best_model(tuning_job)
    if best is None:
        raise LoopFailedError(f"tuning job {tuning_job} has no best trial", "read the log: `lakeloop logs sagemaker`")
    return Metric(best.metric, best.value)


def predict_all(environment: Environment, dataset: Dataset, data: DemoData, progress: Progress) -> list[Scored]:
    """One request per held-out row, through API Gateway with the API key."""
    api = PredictionApi(environment.api_base_url, environment.api_key)
    contract = dataset.contract
    scored: list[Scored] = []
    with progress.step(PREDICT) as note:
        for row in data.held_out:
            answer = api.predict(dataset.name, features_of_row(contract, row))
            found = answer.prediction
            scored.append(
                Scored(
                    key=row[contract.row_key[0]],
                    truth=row[contract.label_column.name],
                    predicted=str(found.prediction),
                    positive_probability=(found.probabilities or {})[contract.positive_class or ""],
                    model=found.named,
                    seconds=answer.seconds,
                )
            )
            note(f"{len(scored)} of {len(data.held_out)} rows")
    return scored
