"""A tuning job as runs: one for the job, one below it for each trial, with their own times."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import recipe_digest
from lakeloop.tracking.jobs import Trial, TuningJob
from lakeloop.tracking.ports import Data, Kind, Point, Run, Status, milliseconds

ENDED = {"Completed": Status.FINISHED, "Stopped": Status.KILLED, "Failed": Status.FAILED}
TRAINING = "training"

# How MLflow's page and lakeFS's documentation call them.
NOTE = "mlflow.note.content"
REPOSITORY = "lakefs_repo"
COMMIT = "lakefs_commit"
GIT_COMMIT = "mlflow.source.git.commit"
CONTRACT = "lakeloop.contract"
RECIPE = "lakeloop.recipe"
DATASET = "lakeloop.dataset"
JOB_ARN = "sagemaker.arn"
FAILURE = "sagemaker.failure_reason"


@dataclass(frozen=True)
class Lineage:
    """What a model is made of, as tags and as the data of a run."""

    dataset: str
    repository: str
    commit: str
    recipe: str
    contract: str
    git_sha: str

    def tags(self) -> dict[str, str]:
        told = {
            DATASET: self.dataset,
            REPOSITORY: self.repository,
            COMMIT: self.commit,
            RECIPE: self.recipe,
            CONTRACT: self.contract,
            GIT_COMMIT: self.git_sha,
        }
        return {key: value for key, value in told.items() if value}

    def data(self, context: str) -> Data:
        return Data(self.dataset, self.commit, f"lakefs://{self.repository}/{self.commit}/", context)


def lineage_of(tags: Mapping[str, str], contract: DatasetContract | None) -> Lineage:
    """By the tags of a tuning job, and the contract that it was trained with, where that was kept."""
    return Lineage(
        dataset=tags[names.DATASET_TAG],
        repository=tags.get(names.REPOSITORY_TAG, ""),
        commit=tags.get(names.COMMIT_TAG, ""),
        recipe=recipe_digest(contract) if contract else "",
        contract=tags.get(names.CONTRACT_TAG, ""),
        git_sha=tags.get(names.GIT_SHA_TAG, ""),
    )


def has_ended(job: TuningJob, trials: Sequence[Trial]) -> bool:
    return job.status in ENDED and all(trial.status in ENDED for trial in trials)


def tuning_run(job: TuningJob, trials: Sequence[Trial], lineage: Lineage) -> Run:
    """The run above: what was searched, what was found, and what it cost."""
    return Run(
        key=job.name,
        name=job.name,
        kind=Kind.TUNING,
        group=job.name,
        status=ENDED[job.status],
        started=job.created,
        ended=job.ended or job.created,
        params={
            "strategy": job.strategy,
            "objective": f"{job.direction.lower()} {series(job.objective)}",
            "trials": str(job.most_trials),
            "parallel_trials": str(job.parallel_trials),
            "image": job.image,
            "instance": job.instance,
            **{f"range.{name}": searched for name, searched in job.ranges.items()},
        },
        points=(*_search(job, trials), *_totals(job, trials)),
        tags=lineage.tags() | _told(job.arn, job.failure) | {"lakeloop.best_trial": job.best},
        data=lineage.data(TRAINING) if lineage.commit else None,
        stamp=stamp(job),
    )


def stamp(job: TuningJob) -> str:
    """What makes a job that has ended the same as when it was recorded; all of its trials need not be asked for."""
    ended = job.ended.isoformat() if job.ended else ""
    return names.digest(job.status, ended, *(f"{key} {count}" for key, count in sorted(job.counts.items())), length=16)


def trial_runs(job: TuningJob, trials: Sequence[Trial], lineage: Lineage) -> list[Run]:
    return [_trial_run(job, trial, lineage) for trial in trials]


def series(metric: str) -> str:
    """SageMaker's `validation:auc` as XGBoost itself prints it, and MLflow's own logging of it calls it."""
    return metric.replace(":", "-")


def _trial_run(job: TuningJob, trial: Trial, lineage: Lineage) -> Run:
    return Run(
        key=trial.name,
        name=trial.name,
        kind=Kind.TRIAL,
        group=job.name,
        status=ENDED[trial.status],
        started=trial.started or trial.created,
        ended=_end(trial),
        parent=job.name,
        params=trial.parameters,
        points=_points(trial),
        tags=lineage.tags()
        | _told(trial.arn, trial.failure)
        | {"lakeloop.best": str(trial.name == job.best).lower(), "lakeloop.tuned": ", ".join(sorted(trial.tuned))},
        data=lineage.data(TRAINING) if lineage.commit else None,
    )


def _points(trial: Trial) -> tuple[Point, ...]:
    at = milliseconds(_end(trial))
    logged = {point.metric for point in trial.rounds}
    # Where the log is gone, the last values are left.
    last = [Point(name, value, 0, at) for name, value in trial.metrics.items() if name not in logged]
    cost = {"training_seconds": trial.seconds, "billable_seconds": trial.billable_seconds, "objective": trial.objective}
    return (*trial.rounds, *last, *(Point(name, value, 0, at) for name, value in cost.items() if value is not None))


def _search(job: TuningJob, trials: Sequence[Trial]) -> Iterator[Point]:
    """What each trial reached, in their order, and the best of them under the metric's own name."""
    for number, trial in enumerate(trials):
        if trial.objective is not None:
            at = milliseconds(_end(trial))
            yield Point("objective", trial.objective, number, at)
            if trial.name == job.best:
                yield Point(series(job.objective), trial.objective, 0, at)


def _totals(job: TuningJob, trials: Sequence[Trial]) -> Iterator[Point]:
    at = milliseconds(job.ended or job.created)
    yield Point("billable_seconds", sum(trial.billable_seconds or 0 for trial in trials), 0, at)
    for status, run_status in ENDED.items():
        count = sum(trial.status == status for trial in trials)
        yield Point(f"trials_{run_status.lower()}", count, 0, at)


def _told(arn: str, failure: str) -> dict[str, str]:
    return {JOB_ARN: arn, **({FAILURE: failure, NOTE: failure} if failure else {})}


def _end(trial: Trial) -> datetime:
    """One that failed before it began has a time of creation only."""
    return trial.ended or trial.started or trial.created
