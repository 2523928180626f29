"""Model versions in SageMaker's Model Registry."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lakeloop.adapters.aws import error_message
from lakeloop.adapters.sagemaker_calls import as_tags, calling
from lakeloop.registry.lineage import GIT_SHA, REPOSITORY, TUNING_JOB, as_metadata
from lakeloop.registry.ports import Approval, ModelVersion, Registration

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.client import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import (
        CreateModelPackageInputTypeDef,
        DescribeModelPackageOutputTypeDef,
        ListModelPackagesInputPaginateTypeDef,
        ModelPackageContainerDefinitionOutputTypeDef,
    )

LONGEST_WHY = 1024
CSV = "text/csv"


class SageMakerPackages:
    """Model packages, one group per dataset, for who only reads them."""

    def __init__(self, client: "SageMakerClient") -> None:
        self._client = client

    def versions(self, group: str, approval: Approval | None = None) -> Iterator[ModelVersion]:
        wanted: ListModelPackagesInputPaginateTypeDef = {
            "ModelPackageGroupName": group,
            "SortBy": "CreationTime",
            "SortOrder": "Descending",
            # The list has no metadata: each version that somebody reads is asked for.
            "PaginationConfig": {"PageSize": 20},
        }
        if approval:
            wanted["ModelApprovalStatus"] = approval.value
        try:
            for page in self._client.get_paginator("list_model_packages").paginate(**wanted):
                for summary in page["ModelPackageSummaryList"]:
                    if found := self.version(summary["ModelPackageArn"]):
                        yield found
        except ClientError as error:
            if not _is_gone(error):
                raise

    def version(self, arn: str) -> ModelVersion | None:
        with calling("see model version", arn):
            try:
                return _version(self._client.describe_model_package(ModelPackageName=arn))
            except ClientError as error:
                if _is_gone(error):
                    return None
                raise


class SageMakerVersions(SageMakerPackages):
    """Decides about versions too."""

    def decide(self, arn: str, approval: Approval, why: str, metadata: Mapping[str, str]) -> None:
        with calling("decide on model version", arn):
            self._client.update_model_package(
                ModelPackageArn=arn,
                ModelApprovalStatus=approval.value,
                ApprovalDescription=_on_one_line(why),
                CustomerMetadataProperties=as_metadata(metadata),
            )


class SageMakerRegistry(SageMakerVersions):
    """Registers versions too. A group is made with its first."""

    def register(self, registration: Registration) -> ModelVersion:
        request = _request(registration)
        with calling("register a model in", registration.group):
            try:
                arn = self._client.create_model_package(**request)["ModelPackageArn"]
            except ClientError as error:
                if not _is_gone(error):
                    raise
                self._make_group(registration)
                arn = self._client.create_model_package(**request)["ModelPackageArn"]
            return _version(self._client.describe_model_package(ModelPackageName=arn))

    def _make_group(self, registration: Registration) -> None:
        try:
            self._client.create_model_package_group(
                ModelPackageGroupName=registration.group, Tags=as_tags(registration.tags)
            )
        except ClientError as error:
            # Another delivery made it meanwhile.
            if "already exists" not in error_message(error):
                raise


def _on_one_line(why: str) -> str:
    """As SageMaker takes it: its own FailureReasons have several lines, and descriptions none.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html, ApprovalDescription
    """
    return " ".join(why.split())[:LONGEST_WHY]


def _is_gone(error: ClientError) -> bool:
    """Groups and packages that are not there are an unmodelled ValidationException with words of its own."""
    return error_message(error).endswith("does not exist.")


def _request(registration: Registration) -> "CreateModelPackageInputTypeDef":
    metadata = as_metadata(registration.metadata)
    return {
        "ModelPackageGroupName": registration.group,
        "ClientToken": registration.token,
        "ModelApprovalStatus": registration.approval.value,
        "ModelPackageDescription": _on_one_line(registration.why),
        "InferenceSpecification": {
            "Containers": [{"Image": registration.image, "ModelDataUrl": registration.artifact}],
            "SupportedContentTypes": [CSV],
            "SupportedResponseMIMETypes": [CSV],
        },
        "ModelMetrics": {
            "ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": registration.evaluation}}
        },
        "MetadataProperties": {
            "CommitId": metadata.get(GIT_SHA, ""),
            "Repository": metadata.get(REPOSITORY, ""),
            "GeneratedBy": metadata.get(TUNING_JOB, ""),
        },
        "CustomerMetadataProperties": metadata,
    }


def _version(found: "DescribeModelPackageOutputTypeDef") -> ModelVersion:
    """Versions that people register may lack what ours have."""
    containers = found.get("InferenceSpecification", {}).get("Containers", [])
    container: ModelPackageContainerDefinitionOutputTypeDef = containers[0] if containers else {}
    quality = found.get("ModelMetrics", {}).get("ModelQuality", {})
    return ModelVersion(
        arn=found["ModelPackageArn"],
        group=found["ModelPackageGroupName"],
        version=found["ModelPackageVersion"],
        approval=Approval(found["ModelApprovalStatus"]),
        why=found.get("ApprovalDescription") or found.get("ModelPackageDescription", ""),
        artifact=container.get("ModelDataUrl", ""),
        image=container.get("Image", ""),
        created=found["CreationTime"],
        metadata=found.get("CustomerMetadataProperties", {}),
        evaluation=quality.get("Statistics", {}).get("S3Uri", ""),
        changed=found.get("LastModifiedTime"),
    )
