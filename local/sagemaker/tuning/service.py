"""The operations on tuning jobs."""

import time

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.errors import in_use, invalid, not_found
from lakeloop.local.sagemaker.operations import operation
from lakeloop.local.sagemaker.paging import Listing
from lakeloop.local.sagemaker.quotas import check_quota
from lakeloop.local.sagemaker.training.metrics import with_metrics
from lakeloop.local.sagemaker.tuning import rules
from lakeloop.local.sagemaker.tuning.run import TuningRuns
from lakeloop.local.sagemaker.tuning.state import RUNNING, enter
from lakeloop.local.sagemaker.tuning.trials import best_of, first_choice, progress, trials
from lakeloop.local.sagemaker.tuning.warm_start import parents_trials, problem

JOBS = Listing(
    "HyperParameterTuningJobSummaries",
    name="HyperParameterTuningJobName",
    status="HyperParameterTuningJobStatus",
    sort_by="Name",
)
TRIALS = Listing("TrainingJobSummaries", name="TrainingJobName", status="TrainingJobStatus", sort_by="Name")


class Tuning:
    def __init__(self, backends: Backends, runs: TuningRuns) -> None:
        self._backends = backends
        self._runs = runs

    @operation("CreateHyperParameterTuningJob")
    def create(self, request: Document) -> Document:
        rules.check(request)
        name = request["HyperParameterTuningJobName"]
        self._check_parents(request)
        definition = request["TrainingJobDefinition"]
        for resources in definition.get("HyperParameterTuningResourceConfig", {}).get("InstanceConfigs", []) or [
            definition.get("ResourceConfig", {})
        ]:
            check_quota(self._backends.faults.current, resources.get("InstanceType", ""), "training job usage")
        arn = self._backends.settings.arns.of(Kind.TUNING_JOB, name)
        job = {**request, "HyperParameterTuningJobArn": arn, "CreationTime": time.time()}
        with self._backends.store.transaction():
            if not self._backends.store.add(Kind.TUNING_JOB, name, job):
                raise in_use(
                    f"A hyperparameter tuning job with the name, {name}, already exists. Choose a different name."
                )
            enter(self._backends, name, "InProgress")
        self._runs.start(name)
        return {"HyperParameterTuningJobArn": arn}

    @operation("DescribeHyperParameterTuningJob")
    def describe(self, request: Document) -> Document:
        return self._described(self._find(request["HyperParameterTuningJobName"]))

    @operation("ListHyperParameterTuningJobs")
    def list_jobs(self, request: Document) -> Document:
        page = JOBS.page(self._backends.store.all(Kind.TUNING_JOB), request)
        page[JOBS.result] = [
            {
                **self._described(job),
                "Strategy": job["HyperParameterTuningJobConfig"]["Strategy"],
                "ResourceLimits": job["HyperParameterTuningJobConfig"]["ResourceLimits"],
            }
            for job in page[JOBS.result]
        ]
        return page

    @operation("ListTrainingJobsForHyperParameterTuningJob")
    def list_trials(self, request: Document) -> Document:
        job = self._find(request["HyperParameterTuningJobName"])
        return TRIALS.page(trials(self._backends.store, job["HyperParameterTuningJobArn"]), request)

    @operation("StopHyperParameterTuningJob")
    def stop(self, request: Document) -> Document:
        job = self._find(request["HyperParameterTuningJobName"])
        status, name = job["HyperParameterTuningJobStatus"], job["HyperParameterTuningJobName"]
        if status not in RUNNING:
            raise invalid(f"The request was rejected because the tuning job is in status {status}.")
        if status == "InProgress":
            enter(self._backends, name, "Stopping")
            self._runs.stop(name)
        return {}

    @operation("DeleteHyperParameterTuningJob")
    def delete(self, request: Document) -> Document:
        """The trials stay, as on AWS."""
        job = self._find(request["HyperParameterTuningJobName"])
        status = job["HyperParameterTuningJobStatus"]
        if status in RUNNING:
            raise invalid(f"The request was rejected because the tuning job is in status {status}.")
        self._backends.store.remove(Kind.TUNING_JOB, job["HyperParameterTuningJobName"])
        return {}

    def _described(self, job: Document) -> Document:
        store = self._backends.store
        own = trials(store, job["HyperParameterTuningJobArn"])
        described = {**job, **progress(job, own), "TrainingJobDefinition": as_described(job)}
        if job.get("WarmStartConfig", {}).get("WarmStartType") == "IdenticalDataAndAlgorithm":
            # Only then can the trials of the parents be compared with the job's own.
            described["OverallBestTrainingJob"] = best_of(job, [*own, *parents_trials(store, job)])
        return described

    def _find(self, name: str) -> Document:
        job = self._backends.store.find(Kind.TUNING_JOB, name)
        if job is None:
            raise not_found(f"Amazon SageMaker can't find a tuning job called {name}. Type another name.")
        return job

    def _check_parents(self, request: Document) -> None:
        for parent in request.get("WarmStartConfig", {}).get("ParentHyperParameterTuningJobs", []):
            job = self._find(parent["HyperParameterTuningJobName"])
            if job["HyperParameterTuningJobStatus"] in RUNNING:
                raise invalid(f"The parent tuning job {job['HyperParameterTuningJobName']} has not ended yet.")
            if wrong := problem(job, request):
                raise invalid(wrong)


def as_described(job: Document) -> Document:
    """The definition of the trials, with what the SDKs read there: the objective, and the instances that are used."""
    definition: Document = job["TrainingJobDefinition"]
    objective = job["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]["MetricName"]
    return {
        **definition,
        "AlgorithmSpecification": with_metrics(definition),
        "StaticHyperParameters": {
            **definition.get("StaticHyperParameters", {}),
            "_tuning_objective_metric": objective,
        },
        "ResourceConfig": definition.get("ResourceConfig") or first_choice(definition),
    }
