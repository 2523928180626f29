"""Runs for Weights & Biases, written by a person or a CI job from what SageMaker says: no function carries its SDK.

What is there as it should be stays untouched, what came late rewrites the folder of its run.
"""

import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lakeloop.adapters.model_contracts import S3ModelContracts
from lakeloop.adapters.objects import S3Objects
from lakeloop.adapters.registry import SageMakerPackages
from lakeloop.adapters.trials import SageMakerJobs
from lakeloop.adapters.tuning import SageMakerTuner
from lakeloop.client.environment import Environment
from lakeloop.client.errors import AdvisedError
from lakeloop.contract.tracking import IN_WANDB
from lakeloop.errors import TransientError
from lakeloop.names import endpoint
from lakeloop.tracking.jobs import TuningJob
from lakeloop.tracking.ports import Tracker
from lakeloop.tracking.recording import Recorder

# How far back jobs and versions are looked for unless somebody asks for more.
NEWEST = 50


@dataclass(frozen=True)
class Synced:
    """What a dataset has recorded by now: so many jobs and evaluations, and the jobs that still run."""

    dataset: str
    jobs: int
    evaluations: int
    running: tuple[str, ...]


def wanted(environment: Environment, dataset: str | None) -> Sequence[str]:
    """The datasets whose contracts name W&B, or the one that is meant. Raises AdvisedError where none is."""
    datasets = [environment.require_dataset(dataset)] if dataset else list(environment.outputs.datasets)
    found = [name for name in datasets if environment.contracts.get(name).tracking in IN_WANDB]
    if not found:
        raise AdvisedError(
            f"nothing is recorded in Weights & Biases of {', '.join(datasets)}",
            "write `tracking: wandb` or `tracking: both` into datasets/<name>.yaml and apply it",
        )
    return found


class Experiments:
    """Brings the jobs and versions of datasets into a tracker."""

    def __init__(self, environment: Environment, tracker: Tracker) -> None:
        prefix = environment.outputs.name_prefix
        self._prefix = prefix
        self._tuner = SageMakerTuner(environment.sagemaker, prefix)
        self._jobs = SageMakerJobs(environment.sagemaker, environment.logs, prefix)
        self._packages = SageMakerPackages(environment.sagemaker)
        self._recorder = Recorder(
            self._jobs,
            S3ModelContracts(environment.s3, environment.outputs.artifacts_bucket),
            S3Objects(environment.s3),
            tracker,
        )

    def sync(self, dataset: str, note: Callable[[str], None]) -> Synced:
        """Record the newest jobs, oldest first, then the newest versions."""
        jobs = [job for run in islice(self._tuner.runs(dataset), NEWEST) if (job := self._jobs.job(run.name))]
        running = [job.name for job in reversed(jobs) if not self._recorded(job, note)]
        evaluations = 0
        for version in islice(self._packages.versions(endpoint(self._prefix, dataset)), NEWEST):
            job = self._recorder.job_of(version)
            if job is not None and self._recorded(job, note):
                self._recorder.record_evaluation(job, version)
                evaluations += 1
        return Synced(dataset, len(jobs) - len(running), evaluations, tuple(running))

    def _recorded(self, job: TuningJob, note: Callable[[str], None]) -> bool:
        try:
            if trials := self._recorder.record_job(job):
                note(f"{job.name}, {trials} trials")
        except TransientError:
            return False
        return True


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One writer at a time in a folder. Raises AdvisedError while another one writes there."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AdvisedError(f"another process writes into {folder}", "wait until it is done") from error
        yield
