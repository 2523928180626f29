"""SageMaker's control plane: tuning jobs, models, endpoints."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lakeloop import names
from lakeloop.adapters.aws import TRANSIENT_CODES, error_code, error_message
from lakeloop.deployment.ports import EndpointState, TrainedModel
from lakeloop.errors import ConflictingResourceError, PermanentError, TransientError
from lakeloop.training.ports import TuningRun

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_sagemaker.client import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import TagTypeDef

DENIED_CODES = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
REFUSED_CODES = frozenset({"ValidationException", "ResourceNotFound"})
# ValidationExceptions that pass with time: a name that exists by now, work under way, a config not yet readable.
PASSING = ("Cannot create already existing", "Cannot update in-progress", "Could not find endpoint configuration")


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


@contextmanager
def _calling(what: str, subject: str) -> Iterator[None]:
    """Errors of SageMaker as errors of ours: what passes with time, and what somebody has to mend."""
    try:
        yield
    except ClientError as error:
        code, message = error_code(error), error_message(error)
        if code in TRANSIENT_CODES or (code == "ValidationException" and any(said in message for said in PASSING)):
            raise TransientError(f"SageMaker cannot {what} {subject} now: {message}", subject=subject) from error
        if code in DENIED_CODES:
            advice = "run `terraform apply`, or look for a boundary or an organization's policy that denies it"
            raise PermanentError(f"not allowed to {what} {subject}: {message}: {advice}", subject=subject) from error
        if code in REFUSED_CODES:
            advice = "mend the dataset's contract, run `terraform apply` and send the message again"
            raise PermanentError(
                f"SageMaker refuses to {what} {subject}: {message}: {advice}", subject=subject
            ) from error
        raise


class SageMakerTuner:
    """Starts tuning jobs of one environment and knows those it started."""

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

    def failure(self, name: str) -> str:
        job = self._client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        trials = self._client.list_training_jobs_for_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name, StatusEquals="Failed", MaxResults=1
        )["TrainingJobSummaries"]
        reasons = [job.get("FailureReason", ""), *(trial.get("FailureReason", "") for trial in trials)]
        return " ".join(filter(None, reasons))

    def start(self, request: Mapping[str, Any], tags: Mapping[str, str]) -> bool:
        name = request["HyperParameterTuningJobName"]
        with _calling("start tuning job", name):
            try:
                self._client.create_hyper_parameter_tuning_job(**request, Tags=_tags(tags))
            except ClientError as error:
                if error_code(error) != "ResourceInUse":
                    raise
                self._check_same(name, tags)
                return False
        return True

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

    def _check_same(self, name: str, tags: Mapping[str, str]) -> None:
        job = self._client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        found = tags_of(self._client, job["HyperParameterTuningJobArn"])
        if any(found.get(tag) != tags[tag] for tag in (names.ENVIRONMENT_TAG, names.DATASET_TAG, names.COMMIT_TAG)):
            raise ConflictingResourceError(
                f"tuning job {name} exists and was not started for commit {tags[names.COMMIT_TAG]} of "
                f"{tags[names.DATASET_TAG]}: delete it",
                subject=name,
            )


class SageMakerHosting:
    """Reads finished tuning jobs; makes models, endpoint configs and endpoints."""

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

    def _tuning_job(self, name: str) -> Any:  # noqa: ANN401 a description, or None
        try:
            return self._client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        except ClientError as error:
            if is_missing(error):
                return None
            raise

    def config_tags(self, config: str) -> Mapping[str, str]:
        try:
            found = self._client.describe_endpoint_config(EndpointConfigName=config)
        except ClientError as error:
            if is_missing(error):
                return {}
            raise
        return tags_of(self._client, found["EndpointConfigArn"])

    def endpoint(self, name: str) -> EndpointState | None:
        try:
            found = self._client.describe_endpoint(EndpointName=name)
            tags = tags_of(self._client, found["EndpointArn"])
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        return EndpointState(
            name=name,
            status=found["EndpointStatus"],
            config=found.get("EndpointConfigName", ""),
            failure_reason=found.get("FailureReason", ""),
            tags=tags,
            pending=found.get("PendingDeploymentSummary", {}).get("EndpointConfigName", ""),
        )

    def ensure_model(self, request: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        with _calling("make model", request["ModelName"]):
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
        with _calling("make endpoint config", request["EndpointConfigName"]):
            try:
                self._client.create_endpoint_config(**request, Tags=_tags(tags))
            except ClientError as error:
                if not _exists_already(error):
                    raise
                found = self._client.describe_endpoint_config(EndpointConfigName=request["EndpointConfigName"])
                if _models(found["ProductionVariants"]) != _models(request["ProductionVariants"]):
                    raise _conflict("endpoint config", request["EndpointConfigName"]) from error

    def create_endpoint(self, name: str, config: str, tags: Mapping[str, str]) -> None:
        with _calling("create endpoint", name):
            self._client.create_endpoint(EndpointName=name, EndpointConfigName=config, Tags=_tags(tags))

    def update_endpoint(self, name: str, config: str) -> None:
        with _calling("update endpoint", name):
            self._client.update_endpoint(EndpointName=name, EndpointConfigName=config)

    def tag_endpoint(self, name: str, tags: Mapping[str, str]) -> None:
        with _calling("tag endpoint", name):
            arn = self._client.describe_endpoint(EndpointName=name)["EndpointArn"]
            self._client.add_tags(ResourceArn=arn, Tags=_tags(tags))

    def delete_endpoint(self, name: str) -> None:
        with _calling("delete endpoint", name):
            try:
                self._client.delete_endpoint(EndpointName=name)
            except ClientError as error:
                if not is_missing(error):
                    raise


def _models(variants: Sequence[Mapping[str, Any]]) -> list[str]:
    return [variant["ModelName"] for variant in variants]


def _conflict(kind: str, name: str) -> ConflictingResourceError:
    return ConflictingResourceError(
        f"{kind} {name} exists with other content than its name stands for: somebody made it by hand; delete it",
        subject=name,
    )
