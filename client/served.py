"""What an endpoint serves, told from the endpoint itself: after a rollback that is not the model trained last."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lakeloop import names
from lakeloop.adapters.candidates import SageMakerCandidates
from lakeloop.adapters.sagemaker import SageMakerModels
from lakeloop.adapters.sagemaker_calls import is_missing, tags_of
from lakeloop.deployment.ports import EndpointState

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.client import SageMakerClient


@dataclass(frozen=True)
class ServedModel:
    """A model behind an endpoint; texts are empty and `value` is None where the model carries no tags of ours."""

    name: str
    created: datetime
    commit: str
    tuning_job: str
    training_job: str
    metric: str
    value: float | None


@dataclass(frozen=True)
class ServedEndpoint:
    """An endpoint with what it serves; `state` is for people, `status` is SageMaker's word."""

    name: str
    status: str
    state: str
    model: ServedModel | None


class ServedModels:
    """Follows endpoints to their models, and models to the data and the jobs they came from."""

    def __init__(self, sagemaker: "SageMakerClient") -> None:
        self._sagemaker = sagemaker
        self._models = SageMakerModels(sagemaker)
        self._candidates = SageMakerCandidates(sagemaker)

    def endpoint(self, name: str) -> ServedEndpoint | None:
        """The endpoint with the model of its present config; None when there is no such endpoint."""
        found = self._models.endpoint(name)
        if found is None:
            return None
        changed = self._sagemaker.describe_endpoint(EndpointName=name)["LastModifiedTime"]
        desired = found.tags.get(names.DESIRED_CONFIG_TAG, "")
        wanted_since = self._config_created(desired) if desired else None
        state = describe_state(found, changed=changed, wanted_since=wanted_since)
        return ServedEndpoint(name, found.status, state, self._model_of(found.config) if found.config else None)

    def _config_created(self, config: str) -> datetime | None:
        try:
            return self._sagemaker.describe_endpoint_config(EndpointConfigName=config)["CreationTime"]
        except ClientError as error:
            if is_missing(error):
                return None
            raise

    def _model_of(self, config: str) -> ServedModel | None:
        try:
            variants = self._sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
            model = self._sagemaker.describe_model(ModelName=variants[0]["ModelName"])
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        tags = tags_of(self._sagemaker, model["ModelArn"])
        metric, value = self._metric(tags.get(names.TUNING_JOB_TAG, ""), tags.get(names.TRAINING_JOB_TAG, ""))
        return ServedModel(
            name=model["ModelName"],
            created=model["CreationTime"],
            commit=tags.get(names.COMMIT_TAG, ""),
            tuning_job=tags.get(names.TUNING_JOB_TAG, ""),
            training_job=tags.get(names.TRAINING_JOB_TAG, ""),
            metric=metric,
            value=value,
        )

    def _metric(self, tuning_job: str, training_job: str) -> tuple[str, float | None]:
        """The objective of the tuning job and what the model's own trial reached."""
        if not tuning_job:
            return "", None
        best = self._candidates.best_model(tuning_job)
        if best is None or (training_job and best.training_job != training_job):
            return "", None
        return best.metric, best.value


def describe_state(endpoint: EndpointState, *, changed: datetime, wanted_since: datetime | None) -> str:
    """The state of an endpoint in words.

    `changed` is when the endpoint was changed last, `wanted_since` when the config that its tags ask for was made
    (None when that config is gone). An endpoint that was changed after that and has another config was set back.
    """
    desired = endpoint.tags.get(names.DESIRED_CONFIG_TAG, endpoint.config)
    if endpoint.status in STATES:
        return STATES[endpoint.status]
    if endpoint.status != "InService":
        return f"{endpoint.status}: {endpoint.failure_reason or 'SageMaker gives no reason'}"
    if endpoint.config == desired:
        return "in service"
    if endpoint.failure_reason:
        return f"in service with an earlier model, the new one was rolled back: {endpoint.failure_reason}"
    if wanted_since is None or changed > wanted_since:
        return "in service, set by hand to another model than the one deployed last"
    return "in service, about to be updated"


STATES = {
    "Creating": "starting its first model",
    "Updating": "changing to a new model; the old one serves meanwhile",
    "RollingBack": "going back to the model before; the new one is not healthy",
    "SystemUpdating": "in service; SageMaker maintains it",
    "Deleting": "being deleted",
}
