"""Model package groups and packages."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.sagemaker.cloud import Cloud
from tests.contract.sagemaker.examples import IMAGE
from tests.contract.sagemaker.jobs import make_config, make_endpoint, remove_endpoint, score


@pytest.fixture
def group(cloud: Cloud) -> str:
    name = cloud.name("group")
    cloud.sagemaker.create_model_package_group(ModelPackageGroupName=name)
    return name


def inference(artifact: str) -> Any:  # noqa: ANN401 - it is part of a request
    return {
        "Containers": [{"Image": IMAGE, "ModelDataUrl": artifact}],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }


def register(cloud: Cloud, group: str, artifact: str, **fields: Any) -> str:  # noqa: ANN401
    return cloud.sagemaker.create_model_package(
        ModelPackageGroupName=group, InferenceSpecification=inference(artifact), **fields
    )["ModelPackageArn"]


def problem(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_versions_count_up_and_wait_for_approval(cloud: Cloud, group: str, artifact: str) -> None:
    first, second = register(cloud, group, artifact), register(cloud, group, artifact)

    assert first.endswith(f"model-package/{group}/1")
    assert second.endswith(f"model-package/{group}/2")
    found = cloud.sagemaker.describe_model_package(ModelPackageName=second)
    assert (found["ModelPackageVersion"], found["ModelPackageStatus"]) == (2, "Completed")
    assert found["ModelApprovalStatus"] == "PendingManualApproval"
    assert found["InferenceSpecification"]["Containers"][0]["ModelDataUrl"] == artifact


def test_number_of_a_deleted_version_is_not_given_again(cloud: Cloud, group: str, artifact: str) -> None:
    cloud.sagemaker.delete_model_package(ModelPackageName=register(cloud, group, artifact))

    assert register(cloud, group, artifact).endswith("/2")


def test_same_token_makes_one_package(cloud: Cloud, group: str, artifact: str) -> None:
    token = cloud.name("token")

    first = register(cloud, group, artifact, ClientToken=token)
    again = register(cloud, group, artifact, ClientToken=token)

    assert again == first
    assert len(cloud.sagemaker.list_model_packages(ModelPackageGroupName=group)["ModelPackageSummaryList"]) == 1


def test_approval_and_metadata_can_be_changed(cloud: Cloud, group: str, artifact: str) -> None:
    arn = register(cloud, group, artifact, CustomerMetadataProperties={"kept": "1", "dropped": "2"})

    cloud.sagemaker.update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus="Approved",
        ApprovalDescription="better",
        CustomerMetadataProperties={"added": "3"},
        CustomerMetadataPropertiesToRemove=["dropped"],
    )

    found = cloud.sagemaker.describe_model_package(ModelPackageName=arn)
    assert (found["ModelApprovalStatus"], found["ApprovalDescription"]) == ("Approved", "better")
    assert found["CustomerMetadataProperties"] == {"kept": "1", "added": "3"}
    approved = cloud.sagemaker.list_model_packages(ModelPackageGroupName=group, ModelApprovalStatus="Approved")
    assert [each["ModelPackageArn"] for each in approved["ModelPackageSummaryList"]] == [arn]


def test_only_an_approved_version_can_be_deployed(cloud: Cloud, group: str, artifact: str) -> None:
    arn, name = register(cloud, group, artifact), cloud.name("from-registry")

    def make_model() -> None:
        cloud.sagemaker.create_model(
            ModelName=name, PrimaryContainer={"ModelPackageName": arn}, ExecutionRoleArn=cloud.role
        )

    with pytest.raises(ClientError) as refused:
        make_model()
    assert problem(refused) == "ValidationException"

    cloud.sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    make_model()
    endpoint = make_endpoint(cloud, make_config(cloud, name))

    assert float(score(cloud, endpoint)) > 0
    assert cloud.sagemaker.describe_model(ModelName=name)["PrimaryContainer"]["ModelPackageName"] == arn
    remove_endpoint(cloud, endpoint)


def test_group_goes_only_when_it_is_empty(cloud: Cloud, group: str, artifact: str) -> None:
    arn = register(cloud, group, artifact)
    with pytest.raises(ClientError) as refused:
        cloud.sagemaker.delete_model_package_group(ModelPackageGroupName=group)
    assert problem(refused) == "ConflictException"

    cloud.sagemaker.delete_model_package(ModelPackageName=arn)
    cloud.sagemaker.delete_model_package_group(ModelPackageGroupName=group)

    with pytest.raises(ClientError, match=r"does not exist\.") as missing:
        cloud.sagemaker.describe_model_package_group(ModelPackageGroupName=group)
    assert problem(missing) == "ValidationException"


def test_what_cannot_be_registered(cloud: Cloud, group: str, artifact: str) -> None:
    for fields in (
        {"ModelPackageGroupName": cloud.name("nobody")},
        {"ModelPackageGroupName": group, "ModelPackageName": "both"},
        {"ModelPackageGroupName": group, "Tags": [{"Key": "a", "Value": "b"}]},
        {},
    ):
        with pytest.raises(ClientError) as refused:
            cloud.sagemaker.create_model_package(InferenceSpecification=inference(artifact), **fields)
        assert problem(refused) == "ValidationException"
    with pytest.raises(ClientError, match="already exists"):
        cloud.sagemaker.create_model_package_group(ModelPackageGroupName=group)
