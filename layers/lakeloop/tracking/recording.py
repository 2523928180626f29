"""Brings what SageMaker says of jobs and versions into a tracker, whichever it is."""

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.errors import PredictionError, TransientError
from lakeloop.registry import lineage
from lakeloop.registry.ports import ModelVersion
from lakeloop.serving.ports import ModelContracts
from lakeloop.tracking.jobs import Jobs, Objects, TuningJob
from lakeloop.tracking.ports import Tracker
from lakeloop.tracking.runs import has_ended, lineage_of, stamp, trial_runs, tuning_run
from lakeloop.tracking.versions import EVALUATION, evaluation_run

# Of what evaluation writes: what people look at, not the rows it was made from.
SHOWN = (".html", ".json", ".md", ".png", ".svg")


class Recorder:
    """Records tuning jobs with their trials, and the evaluations of versions. One at a time for each dataset."""

    def __init__(self, jobs: Jobs, model_contracts: ModelContracts, objects: Objects, tracker: Tracker) -> None:
        self._jobs = jobs
        self._model_contracts = model_contracts
        self._objects = objects
        self._tracker = tracker

    def job_of(self, version: ModelVersion) -> TuningJob | None:
        """The tuning job that made a version; None where none is known."""
        tuning_job = version.metadata.get(lineage.TUNING_JOB, "")
        return self._jobs.job(tuning_job) if tuning_job else None

    def record_job(self, job: TuningJob) -> int:
        """The run of a job and those of its trials: how many trials, none where all are there as they should be.

        Raises TransientError while one of them still runs.
        """
        dataset = job.tags[names.DATASET_TAG]
        if self._tracker.is_recorded(dataset, job.name, stamp(job)):
            return 0
        trials = self._jobs.trials(job)
        if not has_ended(job, trials):
            raise TransientError(f"{job.name} or a trial of it still runs, though an event says that it ended")
        made_of = lineage_of(job.tags, self._contract(job))
        self._tracker.record(dataset, [tuning_run(job, trials, made_of), *trial_runs(job, trials, made_of)])
        return len(trials)

    def record_evaluation(self, job: TuningJob, version: ModelVersion) -> None:
        """How a version was judged, below its job, which is recorded first."""
        run = evaluation_run(version, self._evaluation(version), parent=job.name)
        self._tracker.record(job.tags[names.DATASET_TAG], [run])

    def _contract(self, job: TuningJob) -> DatasetContract | None:
        try:
            return self._model_contracts.get(job.tags.get(names.CONTRACT_TAG, ""))
        except PredictionError:
            return None

    def _evaluation(self, version: ModelVersion) -> dict[str, bytes]:
        """The metrics of a version, and what lies beside them for people."""
        folder = version.evaluation.rpartition("/")[0]
        if not folder:
            return {}
        addresses = [address for address in self._objects.below(f"{folder}/") if address.endswith(SHOWN)]
        found = {address.removeprefix(f"{folder}/"): self._objects.read(address) for address in addresses}
        found[EVALUATION] = self._objects.read(version.evaluation)
        return {path: body for path, body in found.items() if body is not None}
