"""SageMaker's tuning jobs as those who judge their models see them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lakeloop.adapters.sagemaker_calls import is_missing, tags_of
from lakeloop.deployment.ports import TrainedModel
from lakeloop.evaluation.document import Trial

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_sagemaker.client import SageMakerClient


class SageMakerCandidates:
    """Reads finished tuning jobs, and the best that each of them found."""

    def __init__(self, client: "SageMakerClient") -> None:
        self._client = client

    def tuning_status(self, tuning_job: str) -> tuple[str, str]:
        job = self._client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=tuning_job)
        return job["HyperParameterTuningJobStatus"], job.get("FailureReason", "")

    def tuning_tags(self, tuning_job: str) -> Mapping[str, str]:
        job = self._tuning_job(tuning_job)
        return tags_of(self._client, job["HyperParameterTuningJobArn"]) if job else {}

    def tuning_created(self, tuning_job: str) -> "datetime | None":
        job = self._tuning_job(tuning_job)
        return job["CreationTime"] if job else None

    def best_model(self, tuning_job: str) -> TrainedModel | None:
        job = self._tuning_job(tuning_job)
        best = job.get("BestTrainingJob") if job else None
        if not job or not best:
            return None
        # The summary in BestTrainingJob has no artifact path.
        training = self._client.describe_training_job(TrainingJobName=best["TrainingJobName"])
        metric = best["FinalHyperParameterTuningJobObjectiveMetric"]
        return TrainedModel(
            tuning_job=tuning_job,
            status=job["HyperParameterTuningJobStatus"],
            training_job=best["TrainingJobName"],
            artifact=training["ModelArtifacts"]["S3ModelArtifacts"],
            metric=metric["MetricName"],
            value=metric["Value"],
            created=job["CreationTime"],
            tags=tags_of(self._client, job["HyperParameterTuningJobArn"]),
        )

    def trials(self, tuning_job: str) -> list[Trial]:
        pages = self._client.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job").paginate(
            HyperParameterTuningJobName=tuning_job
        )
        return [
            Trial(
                name=job["TrainingJobName"],
                status=job["TrainingJobStatus"],
                value=job.get("FinalHyperParameterTuningJobObjectiveMetric", {}).get("Value"),
                parameters=job["TunedHyperParameters"],
            )
            for page in pages
            for job in page["TrainingJobSummaries"]
        ]

    def _tuning_job(self, name: str) -> Any:  # noqa: ANN401 a description, or None
        try:
            return self._client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        except ClientError as error:
            if is_missing(error):
                return None
            raise
