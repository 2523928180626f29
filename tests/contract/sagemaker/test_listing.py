"""Lists, filters, pages and tags."""

from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
from botocore.exceptions import ClientError

from tests.contract.sagemaker.cloud import Cloud
from tests.contract.sagemaker.examples import IMAGE


@pytest.fixture(scope="module")
def family(cloud: Cloud) -> list[str]:
    """Twelve models, in the order they were made."""
    word = cloud.name("family")
    names = [f"{word}-{letter}" for letter in "lkjihgfedcba"]
    for name in names:
        cloud.sagemaker.create_model(ModelName=name, PrimaryContainer={"Image": IMAGE}, ExecutionRoleArn=cloud.role)
    return names


def word(family: list[str]) -> str:
    return family[0].rpartition("-")[0]


def test_newest_ten_come_first(cloud: Cloud, family: list[str]) -> None:
    page = cloud.sagemaker.list_models(NameContains=word(family))

    assert [each["ModelName"] for each in page["Models"]] == family[::-1][:10]
    assert page["NextToken"]


@pytest.mark.parametrize("order", ["Ascending", "Descending"])
def test_pages_hold_everything_once(cloud: Cloud, family: list[str], order: str) -> None:
    pages = cloud.sagemaker.get_paginator("list_models").paginate(
        NameContains=word(family),
        SortBy="Name",
        SortOrder=order,  # type: ignore[arg-type]
        PaginationConfig={"PageSize": 5},
    )

    found = [[each["ModelName"] for each in page["Models"]] for page in pages]

    assert [len(page) for page in found] == [5, 5, 2]
    assert list(chain.from_iterable(found)) == sorted(family, reverse=order == "Descending")


def test_what_is_deleted_between_pages_shifts_nothing(cloud: Cloud, family: list[str]) -> None:
    extra = f"{word(family)}-aa"
    cloud.sagemaker.create_model(ModelName=extra, PrimaryContainer={"Image": IMAGE}, ExecutionRoleArn=cloud.role)
    first = cloud.sagemaker.list_models(NameContains=word(family), SortBy="Name", SortOrder="Ascending", MaxResults=4)

    cloud.sagemaker.delete_model(ModelName=extra)

    second = cloud.sagemaker.list_models(
        NameContains=word(family), SortBy="Name", SortOrder="Ascending", MaxResults=4, NextToken=first["NextToken"]
    )
    names = [each["ModelName"] for page in (first, second) for each in page["Models"]]
    assert names == sorted([*family, extra])[:8]


def test_only_what_was_made_in_a_span_of_time(cloud: Cloud, family: list[str]) -> None:
    made = cloud.sagemaker.describe_model(ModelName=family[5])["CreationTime"]

    later = cloud.sagemaker.list_models(
        NameContains=word(family), CreationTimeAfter=made, MaxResults=100, SortOrder="Ascending"
    )
    earlier = cloud.sagemaker.list_models(NameContains=word(family), CreationTimeBefore=made - timedelta(days=1))

    assert [each["ModelName"] for each in later["Models"]][-6:] == family[6:]
    assert earlier["Models"] == []
    assert made < datetime.now(UTC)


def test_token_that_nobody_gave(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as refused:
        cloud.sagemaker.list_models(NextToken="guessed")

    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_tags_are_merged_listed_and_deleted(cloud: Cloud) -> None:
    arn = cloud.sagemaker.create_model(
        ModelName=cloud.name("tagged"),
        PrimaryContainer={"Image": IMAGE},
        ExecutionRoleArn=cloud.role,
        Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}],
    )["ModelArn"]

    cloud.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}, {"Key": "c", "Value": "3"}])
    cloud.sagemaker.delete_tags(ResourceArn=arn, TagKeys=["a"])

    pages = cloud.sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn)
    assert {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]} == {"b": "2", "c": "3"}


def test_fifty_tags_are_the_most(cloud: Cloud) -> None:
    arn = cloud.sagemaker.create_model(
        ModelName=cloud.name("full"), PrimaryContainer={"Image": IMAGE}, ExecutionRoleArn=cloud.role
    )["ModelArn"]
    cloud.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": f"k{number}", "Value": ""} for number in range(50)])

    with pytest.raises(ClientError):
        cloud.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "one more", "Value": ""}])

    assert len(cloud.sagemaker.list_tags(ResourceArn=arn)["Tags"]) == 50
