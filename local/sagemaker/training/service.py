"""The operations on training jobs."""

from lakeloop.local.sagemaker.arns import Kind
from lakeloop.local.sagemaker.backends import Backends
from lakeloop.local.sagemaker.documents import Document
from lakeloop.local.sagemaker.errors import in_use, invalid
from lakeloop.local.sagemaker.operations import operation
from lakeloop.local.sagemaker.paging import Listing
from lakeloop.local.sagemaker.quotas import check_quota
from lakeloop.local.sagemaker.training.metrics import with_metrics
from lakeloop.local.sagemaker.training.rules import check_algorithm
from lakeloop.local.sagemaker.training.runs import TrainingRuns
from lakeloop.local.sagemaker.training.start import add_training_job
from lakeloop.local.sagemaker.training.state import advance

JOBS = Listing("TrainingJobSummaries", name="TrainingJobName", status="TrainingJobStatus")


class Training:
    def __init__(self, backends: Backends, runs: TrainingRuns) -> None:
        self._backends = backends
        self._runs = runs

    @operation("CreateTrainingJob")
    def create(self, request: Document) -> Document:
        check_algorithm(request)
        name = request["TrainingJobName"]
        resources = request["ResourceConfig"]
        check_quota(self._backends.faults.current, resources.get("InstanceType", ""), "training job usage")
        if not add_training_job(self._backends, request):
            arn = self._backends.settings.arns.of(Kind.TRAINING_JOB, name)
            raise in_use(
                "Job name must be unique within an AWS account and region, and a job with this name already exists "
                f"({arn})"
            )
        self._runs.start(name)
        return {"TrainingJobArn": self._find(name)["TrainingJobArn"]}

    @operation("DescribeTrainingJob")
    def describe(self, request: Document) -> Document:
        return described(self._find(request["TrainingJobName"]))

    @operation("ListTrainingJobs")
    def list_jobs(self, request: Document) -> Document:
        return JOBS.page(self._backends.store.all(Kind.TRAINING_JOB), request)

    @operation("StopTrainingJob")
    def stop(self, request: Document) -> Document:
        with self._backends.store.transaction():
            job = self._find(request["TrainingJobName"])
            status = job["TrainingJobStatus"]
            if status not in ("InProgress", "Stopping"):
                raise invalid(f"The request was rejected because the training job is in status {status}.")
            if status == "InProgress":
                advance(self._backends, job["TrainingJobName"], "Stopping", status="Stopping")
        self._runs.stop(job["TrainingJobName"])
        return {}

    def _find(self, name: str) -> Document:
        job = self._backends.store.find(Kind.TRAINING_JOB, name)
        if job is None:
            # Unlike a missing tuning job, this is no ResourceNotFound.
            raise invalid("Requested resource not found.")
        return job


def described(job: Document) -> Document:
    """With what the SDKs expect to find although nobody asked for it."""
    return {
        **job,
        "AlgorithmSpecification": with_metrics(job),
        "OutputDataConfig": {"KmsKeyId": "", **job["OutputDataConfig"]},
    }
