"""A live endpoint, as the prediction API sees it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from lakeloop import names
from lakeloop.adapters.aws import TRANSIENT_CODES, error_code, reconnecting
from lakeloop.adapters.sagemaker_calls import is_missing, tags_of
from lakeloop.errors import ModelBusyError, ModelFailedError, NoModelError
from lakeloop.serving.ports import UNKNOWN_MODEL, EndpointView, LiveModel

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.client import SageMakerClient
    from mypy_boto3_sagemaker_runtime.client import SageMakerRuntimeClient

# API Gateway gives up after 29 s and the function after 28: each call once, and all of them together in less.
CONTROL_CONFIG = Config(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 1})
RUNTIME_CONFIG = Config(connect_timeout=1, read_timeout=15, retries={"total_max_attempts": 1})
STORE_CONFIG = Config(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 1})

# Endpoints that answer while Creating do not exist; one that is updated serves its old model meanwhile.
SERVING_STATUS = frozenset({"InService", "Updating", "SystemUpdating", "RollingBack", "UpdateRollbackFailed"})
CHANGING_STATUS = frozenset({"Updating", "RollingBack"})
# An update takes longer, so that it is seen before it ends; and asking more often uses up an account's rate.
VIEW_SECONDS = 10
BUSY_CODES = TRANSIENT_CODES | {"InternalDependencyException", "ModelNotReadyException"}


@dataclass(frozen=True)
class Seen:
    """A view, and when it was had by the monotonic clock."""

    view: EndpointView
    at: float


class SageMakerEndpoints:
    """Invokes endpoints; remembers for some seconds which model one serves, and for ever what a config stands for."""

    def __init__(
        self, control: "SageMakerClient", runtime: "SageMakerRuntimeClient", current: Callable[[str], str]
    ) -> None:
        """`current` tells which endpoint of a dataset answers, by the name of its first."""
        self._control = control
        self._current = current
        self._runtime = runtime
        self._seen: dict[str, Seen] = {}
        self._models: dict[str, LiveModel] = {}

    def view(self, endpoint: str, *, fresh: bool = False) -> EndpointView | None:
        known = self._seen.get(endpoint)
        if known and not fresh and time.monotonic() - known.at < VIEW_SECONDS:
            return known.view
        try:
            view = self._look(endpoint)
        except BotoCoreError:
            return self._as_known(endpoint, known)
        except ClientError as error:
            if error_code(error) not in TRANSIENT_CODES:
                raise
            return self._as_known(endpoint, known)
        if view is None:
            self._seen.pop(endpoint, None)
        else:
            self._seen[endpoint] = Seen(view, time.monotonic())
        return view

    def _as_known(self, endpoint: str, known: Seen | None) -> EndpointView:
        """What was seen last: who cannot answer now is not asked again by each request."""
        if known is None:
            return EndpointView(UNKNOWN_MODEL, endpoint=endpoint)
        self._seen[endpoint] = Seen(known.view, time.monotonic())
        return known.view

    def _look(self, endpoint: str) -> EndpointView | None:
        endpoint = reconnecting(lambda: self._current(endpoint))
        try:
            found = reconnecting(lambda: self._control.describe_endpoint(EndpointName=endpoint))
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        if found["EndpointStatus"] not in SERVING_STATUS:
            return None
        serving = self._model(found["EndpointConfigName"])
        if found["EndpointStatus"] not in CHANGING_STATUS:
            return EndpointView(serving, endpoint=endpoint)
        pending: Any = found.get("PendingDeploymentSummary")
        if not pending:
            # Not all kinds of endpoints tell what they are being changed to.
            return EndpointView(serving, UNKNOWN_MODEL, shifting=True, endpoint=endpoint)
        successor = self._model(pending["EndpointConfigName"])
        return EndpointView(serving, successor, _shifting(pending), endpoint)

    def _model(self, config: str) -> LiveModel:
        if config not in self._models:
            found = self._control.describe_endpoint_config(EndpointConfigName=config)
            # deploy_model gives a model and its config the same tags.
            tags = tags_of(self._control, found["EndpointConfigArn"])
            version = found["ProductionVariants"][0]["ModelName"]
            commit = tags.get(names.COMMIT_TAG, "")
            self._models[config] = LiveModel(version, tags.get(names.CONTRACT_TAG, ""), commit)
        return self._models[config]

    def invoke(self, endpoint: str, body: str, inference_id: str) -> str:
        def invoke() -> bytes:
            answer = self._runtime.invoke_endpoint(
                EndpointName=endpoint, ContentType="text/csv", Accept="text/csv", Body=body, InferenceId=inference_id
            )
            return answer["Body"].read()

        try:
            return reconnecting(invoke).decode()
        except ClientError as error:
            raise _prediction_error(error) from error
        except BotoCoreError as error:
            raise ModelBusyError("the model did not answer in time") from error


def _shifting(pending: Any) -> bool:  # noqa: ANN401 a PendingDeploymentSummary
    """Whether the new fleet may get requests: not as long as it is only being made."""
    stages = [variant.get("VariantStatus", []) for variant in pending.get("ProductionVariants", [])]
    return not stages or any(not stage or stage[-1]["Status"] != "Creating" for stage in stages)


def _prediction_error(error: ClientError) -> Exception:
    code = error_code(error)
    if code in BUSY_CODES:
        return ModelBusyError("the model is busy or starting")
    if code == "ModelError":
        return ModelFailedError("the model could not answer")
    if code == "ValidationError":
        return NoModelError("the endpoint is not there")
    return error
