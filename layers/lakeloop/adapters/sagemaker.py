"""SageMaker's control plane: tuning jobs, models, endpoints."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lakeloop import names
from lakeloop.adapters.aws import TRANSIENT_CODES, error_code, error_message
from lakeloop.deployment.ports import EndpointState, TrainedModel
from lakeloop.errors import ConflictingResourceError, TransientError
from lakeloop.training.ports import TuningRun

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_sagemaker.client import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import TagTypeDef


def _tags(tags: Mapping[str, str]) -> "list[TagTypeDef]":
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def tags_of(client: "SageMakerClient", arn: str) -> dict[str, str]:
    pages = client.get_paginator("list_tags").paginate(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def is_missing(error: ClientError) -> bool:
    """Endpoints, configs and models that are not there are an unmodelled ValidationException."""
    if error_code(error) == "ResourceNotFound":
        return True
    return error_code(error) == "ValidationException" and error_message(error).startswith("Could not find")


def _exists_already(error: ClientError) -> bool:
    return error_code(error) == "ResourceInUse" or "already exist" in error_message(error)


class SageMakerTuner:
    """Starts tuning jobs and knows the last one."""

    def __init__(self, client: "SageMakerClient") -> None:
        self._client = client

    def latest(self, name_contains: str) -> TuningRun | None:
        found = self._client.list_hyper_parameter_tuning_jobs(
            NameContains=name_contains, SortBy="CreationTime", SortOrder="Descending", MaxResults=1
        )["HyperParameterTuningJobSummaries"]
        if not found:
            return None
        job = found[0]
        return TuningRun(
            name=job["HyperParameterTuningJobName"],
            commit=tags_of(self._client, job["HyperParameterTuningJobArn"]).get(names.COMMIT_TAG, ""),
            status=job["HyperParameterTuningJobStatus"],
            created=job["CreationTime"],
        )

    def start(self, request: Mapping[str, Any], tags: Mapping[str, str]) -> bool:
        try:
            self._client.create_hyper_parameter_tuning_job(**request, Tags=_tags(tags))
        except ClientError as error:
            if error_code(error) in TRANSIENT_CODES:
                raise TransientError(f"SageMaker does not take the tuning job now: {error_message(error)}") from error
            if error_code(error) != "ResourceInUse":
                raise
            self._check_same(request["HyperParameterTuningJobName"], tags)
            return False
        return True

    def _check_same(self, name: str, tags: Mapping[str, str]) -> None:
        job = self._client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        found = tags_of(self._client, job["HyperParameterTuningJobArn"])
        if found.get(names.COMMIT_TAG) != tags[names.COMMIT_TAG]:
            raise ConflictingResourceError(
                f"tuning job {name} exists and was not started for commit {tags[names.COMMIT_TAG]}", subject=name
            )


class SageMakerHosting:
    """Reads finished tuning jobs; makes models, endpoint configs and endpoints."""

    def __init__(self, client: "SageMakerClient") -> None:
        self._client = client

    def tuning_status(self, tuning_job: str) -> tuple[str, str]:
        job = self._client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=tuning_job)
        return job["HyperParameterTuningJobStatus"], job.get("FailureReason", "")

    def tuning_created(self, tuning_job: str) -> "datetime | None":
        try:
            job = self._client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=tuning_job)
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        return job["CreationTime"]

    def best_model(self, tuning_job: str) -> TrainedModel | None:
        job = self._client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=tuning_job)
        best = job.get("BestTrainingJob")
        if not best:
            return None
        # The summary in BestTrainingJob has no artifact path.
        training = self._client.describe_training_job(TrainingJobName=best["TrainingJobName"])
        metric = best["FinalHyperParameterTuningJobObjectiveMetric"]
        return TrainedModel(
            tuning_job=tuning_job,
            training_job=best["TrainingJobName"],
            artifact=training["ModelArtifacts"]["S3ModelArtifacts"],
            metric=metric["MetricName"],
            value=metric["Value"],
            created=job["CreationTime"],
            tags=tags_of(self._client, job["HyperParameterTuningJobArn"]),
        )

    def endpoint(self, name: str) -> EndpointState | None:
        try:
            found = self._client.describe_endpoint(EndpointName=name)
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        return EndpointState(
            name=name,
            status=found["EndpointStatus"],
            config=found.get("EndpointConfigName", ""),
            failure_reason=found.get("FailureReason", ""),
            tags=tags_of(self._client, found["EndpointArn"]),
        )

    def ensure_model(self, request: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        try:
            self._client.create_model(**request, Tags=_tags(tags))
        except ClientError as error:
            if not _exists_already(error):
                raise
            found = self._client.describe_model(ModelName=request["ModelName"])["PrimaryContainer"]
            wanted = request["PrimaryContainer"]
            if (found.get("Image"), found.get("ModelDataUrl")) != (wanted["Image"], wanted["ModelDataUrl"]):
                raise _conflict("model", request["ModelName"]) from error

    def ensure_config(self, request: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        try:
            self._client.create_endpoint_config(**request, Tags=_tags(tags))
        except ClientError as error:
            if not _exists_already(error):
                raise
            found = self._client.describe_endpoint_config(EndpointConfigName=request["EndpointConfigName"])
            if _models(found["ProductionVariants"]) != _models(request["ProductionVariants"]):
                raise _conflict("endpoint config", request["EndpointConfigName"]) from error

    def create_endpoint(self, name: str, config: str, tags: Mapping[str, str]) -> None:
        self._busy_is_transient(
            lambda: self._client.create_endpoint(EndpointName=name, EndpointConfigName=config, Tags=_tags(tags))
        )

    def update_endpoint(self, name: str, config: str, tags: Mapping[str, str]) -> None:
        """Write the tags first: they tell a later attempt what this one wanted."""
        arn = self._client.describe_endpoint(EndpointName=name)["EndpointArn"]
        self._client.add_tags(ResourceArn=arn, Tags=_tags(tags))
        self._busy_is_transient(lambda: self._client.update_endpoint(EndpointName=name, EndpointConfigName=config))

    def delete_endpoint(self, name: str) -> None:
        self._busy_is_transient(lambda: self._client.delete_endpoint(EndpointName=name))

    @staticmethod
    def _busy_is_transient(call: Callable[[], object]) -> None:
        """A name that exists by now, an update under way, a config not yet readable, a quota: all pass with time."""
        try:
            call()
        except ClientError as error:
            if error_code(error) in TRANSIENT_CODES or error_code(error) == "ValidationException":
                raise TransientError(f"SageMaker cannot do it now: {error_message(error)}") from error
            raise


def _models(variants: Sequence[Mapping[str, Any]]) -> list[str]:
    return [variant["ModelName"] for variant in variants]


def _conflict(kind: str, name: str) -> ConflictingResourceError:
    return ConflictingResourceError(
        f"{kind} {name} exists with other content than its name stands for: somebody made it by hand; delete it",
        subject=name,
    )
