"""SageMaker's batch transforms."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lakeloop.adapters.aws import error_code
from lakeloop.adapters.sagemaker_calls import as_tags, calling, is_missing
from lakeloop.evaluation.ports import TransformState

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.client import SageMakerClient


class SageMakerTransforms:
    """Starts transforms and sees how far they are."""

    def __init__(self, client: "SageMakerClient") -> None:
        self._client = client

    def state(self, name: str) -> TransformState | None:
        with calling("see transform job", name):
            try:
                found = self._client.describe_transform_job(TransformJobName=name)
            except ClientError as error:
                if is_missing(error):
                    return None
                raise
        return TransformState(name, found["TransformJobStatus"], found.get("FailureReason", ""))

    def start(self, request: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        name = request["TransformJobName"]
        with calling("start transform job", name):
            try:
                self._client.create_transform_job(**request, Tags=as_tags(tags))
            except ClientError as error:
                # Names say all that makes a transform another, and another delivery started this one.
                if error_code(error) != "ResourceInUse":
                    raise
