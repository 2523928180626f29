"""A live endpoint, as the prediction API sees it."""

import time
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lakeloop.adapters.aws import error_code, error_message
from lakeloop.errors import ModelBusyError, ModelFailedError, NoModelError
from lakeloop.serving.ports import LiveModel

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.client import SageMakerClient
    from mypy_boto3_sagemaker_runtime.client import SageMakerRuntimeClient

# Endpoints that answer while Creating do not exist; one that is updated serves its old model meanwhile.
SERVING_STATUS = frozenset({"InService", "Updating", "SystemUpdating", "RollingBack"})
LIVE_MODEL_SECONDS = 30
BUSY_CODES = frozenset({"ThrottlingException", "ModelNotReadyException", "ServiceUnavailable", "InternalFailure"})


class SageMakerEndpoints:
    """Invokes endpoints; remembers for half a minute which model one serves."""

    def __init__(self, control: "SageMakerClient", runtime: "SageMakerRuntimeClient") -> None:
        self._control = control
        self._runtime = runtime
        self._live: dict[str, tuple[float, LiveModel]] = {}

    def live_model(self, endpoint: str) -> LiveModel | None:
        known = self._live.get(endpoint)
        if known and time.monotonic() - known[0] < LIVE_MODEL_SECONDS:
            return known[1]
        live = self._describe(endpoint)
        if live:
            self._live[endpoint] = (time.monotonic(), live)
        return live

    def _describe(self, endpoint: str) -> LiveModel | None:
        try:
            found = self._control.describe_endpoint(EndpointName=endpoint)
        except ClientError as error:
            if error_message(error).startswith("Could not find"):
                return None
            raise
        if found["EndpointStatus"] not in SERVING_STATUS:
            return None
        config = self._control.describe_endpoint_config(EndpointConfigName=found["EndpointConfigName"])
        return LiveModel(version=config["ProductionVariants"][0]["ModelName"])

    def invoke(self, endpoint: str, body: str, inference_id: str) -> str:
        try:
            answer = self._runtime.invoke_endpoint(
                EndpointName=endpoint, ContentType="text/csv", Accept="text/csv", Body=body, InferenceId=inference_id
            )
        except ClientError as error:
            raise _prediction_error(error, endpoint) from error
        return answer["Body"].read().decode()


def _prediction_error(error: ClientError, endpoint: str) -> Exception:
    code = error_code(error)
    if code in BUSY_CODES:
        return ModelBusyError(f"endpoint {endpoint} is busy: {code}")
    if code == "ModelError":
        return ModelFailedError(f"the model behind {endpoint} could not answer")
    if code == "ValidationError":
        return NoModelError(f"endpoint {endpoint} is not there")
    return error
