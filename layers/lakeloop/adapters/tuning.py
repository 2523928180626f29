"""Tuning jobs of SageMaker."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lakeloop import names
from lakeloop.adapters.aws import error_code
from lakeloop.adapters.sagemaker_calls import as_tags, calling, is_missing, tags_of
from lakeloop.errors import ConflictingResourceError
from lakeloop.training.ports import TuningRun

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.client import SageMakerClient


# What a job and the one that is there already have in common where both are one.
SAME = (names.ENVIRONMENT_TAG, names.DATASET_TAG, names.COMMIT_TAG, names.ASK_TAG)


class SageMakerJobs:
    """The tuning jobs that one environment started."""

    def __init__(self, client: "SageMakerClient", name_prefix: str) -> None:
        self._client = client
        self._name_prefix = name_prefix

    def runs(self, dataset: str) -> Iterator[TuningRun]:
        prefix = names.tuning_job_prefix(self._name_prefix, dataset)
        pages = self._client.get_paginator("list_hyper_parameter_tuning_jobs").paginate(
            NameContains=prefix, SortBy="CreationTime", SortOrder="Descending", PaginationConfig={"PageSize": 10}
        )
        for page in pages:
            for job in page["HyperParameterTuningJobSummaries"]:
                # The prefix is contained in other projects' names too.
                name = job["HyperParameterTuningJobName"]
                if not (name.startswith(prefix) and names.is_tuning_job(self._name_prefix, name)):
                    continue
                run = self._run(job)
                # Four digits of a dataset's digest may be another's too.
                if run.tags.get(names.DATASET_TAG) == dataset and self._is_ours(run):
                    yield run

    def run(self, name: str) -> TuningRun | None:
        if not names.is_tuning_job(self._name_prefix, name):
            return None
        try:
            job = self._client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        run = self._run(job)
        return run if names.DATASET_TAG in run.tags and self._is_ours(run) else None

    def _run(self, job: Any) -> TuningRun:  # noqa: ANN401 a summary or a description
        tags = tags_of(self._client, job["HyperParameterTuningJobArn"])
        return TuningRun(
            name=job["HyperParameterTuningJobName"],
            commit=tags.get(names.COMMIT_TAG, ""),
            status=job["HyperParameterTuningJobStatus"],
            created=job["CreationTime"],
            ended=job.get("HyperParameterTuningEndTime"),
            models=job["TrainingJobStatusCounters"].get("Completed", 0),
            tags=tags,
        )

    def _is_ours(self, run: TuningRun) -> bool:
        return run.tags.get(names.ENVIRONMENT_TAG) == self._name_prefix


class SageMakerTuner(SageMakerJobs):
    """Starts tuning jobs of one environment."""

    def failure(self, name: str) -> str:
        job = self._client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        trials = self._client.list_training_jobs_for_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name, StatusEquals="Failed", MaxResults=1
        )["TrainingJobSummaries"]
        reasons = [job.get("FailureReason", ""), *(trial.get("FailureReason", "") for trial in trials)]
        return " ".join(filter(None, reasons))

    def start(self, request: Mapping[str, Any], tags: Mapping[str, str]) -> bool:
        name = request["HyperParameterTuningJobName"]
        with calling("start tuning job", name):
            try:
                self._client.create_hyper_parameter_tuning_job(**request, Tags=as_tags(tags))
            except ClientError as error:
                if error_code(error) != "ResourceInUse":
                    raise
                self._check_same(name, tags)
                return False
        return True

    def _check_same(self, name: str, tags: Mapping[str, str]) -> None:
        job = self._client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        found = tags_of(self._client, job["HyperParameterTuningJobArn"])
        # A person is given one job, though the head of main may have moved since.
        same = {*SAME} - {names.COMMIT_TAG} if names.ASK_TAG in tags else SAME
        if any(found.get(tag) != tags.get(tag) for tag in same):
            raise ConflictingResourceError(
                f"tuning job {name} exists and was not started for commit {tags[names.COMMIT_TAG]} of "
                f"{tags[names.DATASET_TAG]}, or not for what asks for it now: delete it",
                subject=name,
            )
