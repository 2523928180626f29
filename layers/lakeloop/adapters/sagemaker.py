"""What SageMaker hosts: models and endpoints."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lakeloop.adapters.placements import S3Placements
from lakeloop.adapters.sagemaker_calls import as_tags, calling, exists_already, is_missing, tags_of
from lakeloop.deployment.ports import EndpointState, ServedConfig
from lakeloop.errors import ConflictingResourceError

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.client import SageMakerClient


class SageMakerServed:
    """Sees what endpoints serve; with placements, of a dataset's endpoints the one that answers, by either's name."""

    def __init__(self, client: "SageMakerClient", placements: S3Placements | None = None) -> None:
        self._client = client
        self._placements = placements

    def served(self, config: str) -> ServedConfig | None:
        try:
            found = self._client.describe_endpoint_config(EndpointConfigName=config)
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        tags = tags_of(self._client, found["EndpointConfigArn"])
        return ServedConfig(config, found["ProductionVariants"][0].get("ModelName", ""), tags)

    def endpoint(self, name: str) -> EndpointState | None:
        name = self._placements.current(name) if self._placements else name
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


class SageMakerModels(SageMakerServed):
    """Makes models, and sees what endpoints serve."""

    def ensure_model(self, request: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        with calling("make model", request["ModelName"]):
            try:
                self._client.create_model(**request, Tags=as_tags(tags))
            except ClientError as error:
                if not exists_already(error):
                    raise
                found = self._client.describe_model(ModelName=request["ModelName"])["PrimaryContainer"]
                wanted = request["PrimaryContainer"]
                if (found.get("Image"), found.get("ModelDataUrl")) != (wanted["Image"], wanted["ModelDataUrl"]):
                    raise _conflict("model", request["ModelName"]) from error


class SageMakerHosting(SageMakerModels):
    """Makes endpoint configs and endpoints of models, and changes and deletes endpoints."""

    def ensure_config(self, request: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        with calling("make endpoint config", request["EndpointConfigName"]):
            try:
                self._client.create_endpoint_config(**request, Tags=as_tags(tags))
            except ClientError as error:
                if not exists_already(error):
                    raise
                found = self._client.describe_endpoint_config(EndpointConfigName=request["EndpointConfigName"])
                if _models(found["ProductionVariants"]) != _models(request["ProductionVariants"]):
                    raise _conflict("endpoint config", request["EndpointConfigName"]) from error

    def create_endpoint(self, name: str, config: str, tags: Mapping[str, str]) -> None:
        with calling("create endpoint", name):
            self._client.create_endpoint(EndpointName=name, EndpointConfigName=config, Tags=as_tags(tags))

    def update_endpoint(self, name: str, config: str, move: Mapping[str, Any] | None = None) -> None:
        with calling("update endpoint", name):
            how = {"DeploymentConfig": move} if move else {}
            self._client.update_endpoint(EndpointName=name, EndpointConfigName=config, **how)  # type: ignore[arg-type]

    def tag_endpoint(self, name: str, tags: Mapping[str, str]) -> None:
        with calling("tag endpoint", name):
            arn = self._client.describe_endpoint(EndpointName=name)["EndpointArn"]
            self._client.add_tags(ResourceArn=arn, Tags=as_tags(tags))

    def delete_endpoint(self, name: str) -> None:
        with calling("delete endpoint", name):
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
