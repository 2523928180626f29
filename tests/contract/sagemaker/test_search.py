"""Search finds jobs, models and packages by what they are."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.sagemaker.cloud import Cloud, eventually
from tests.contract.sagemaker.jobs import make_model, train


def names(cloud: Cloud, resource: Any, *filters: dict[str, str], **options: Any) -> list[str]:  # noqa: ANN401
    expression: Any = {"Filters": filters}
    found: Any = cloud.sagemaker.search(Resource=resource, SearchExpression=expression, **options)
    records = [each[resource] for each in found["Results"]]
    return [(each.get("Model") or each)[f"{resource}Name"] for each in records]


def test_a_training_job_is_found_by_name_status_metric_and_hyperparameter(
    cloud: Cloud, channels: list[dict[str, Any]]
) -> None:
    job = train(cloud, channels, num_round="3")
    name = job["TrainingJobName"]
    by_name = {"Name": "TrainingJobName", "Operator": "Contains", "Value": name[-8:]}
    metric = job["FinalMetricDataList"][0]["MetricName"]

    def found(field: str, operator: str, value: str) -> list[str]:
        return names(cloud, "TrainingJob", by_name, {"Name": field, "Operator": operator, "Value": value})

    assert eventually(lambda: found("TrainingJobStatus", "Equals", "Completed"), "the search to know it") == [name]
    assert found("TrainingJobStatus", "NotEquals", "Completed") == []
    assert found(f"Metrics.{metric}", "GreaterThan", "-1000") == [name]
    assert found("HyperParameters.num_round", "Equals", "3") == [name]
    assert found("CreationTime", "LessThan", "2020-01-01T00:00:00+00:00") == []


def test_a_model_is_found_by_its_tags_absence(cloud: Cloud, artifact: str) -> None:
    model = make_model(cloud, artifact)
    by_name = {"Name": "ModelName", "Operator": "Equals", "Value": model}

    assert names(cloud, "Model", by_name, {"Name": "Tags.team", "Operator": "NotExists"}) == [model]
    assert names(cloud, "Model", by_name, {"Name": "Tags.team", "Operator": "Exists"}) == []


def test_packages_are_found_page_by_page(cloud: Cloud) -> None:
    group = cloud.name("group")
    cloud.sagemaker.create_model_package_group(ModelPackageGroupName=group)
    for _ in range(3):
        cloud.sagemaker.create_model_package(ModelPackageGroupName=group)
    condition: Any = {"Filters": [{"Name": "ModelPackageGroupName", "Value": group}]}

    def page(**token: Any) -> Any:  # noqa: ANN401
        return cloud.sagemaker.search(
            Resource="ModelPackage",
            SearchExpression=condition,
            SortBy="ModelPackageVersion",
            SortOrder="Ascending",
            MaxResults=2,
            **token,
        )

    first = page()
    second = page(NextToken=first["NextToken"])

    found = [each["ModelPackage"]["ModelPackageVersion"] for each in [*first["Results"], *second["Results"]]]
    assert found == [1, 2, 3]
    assert "NextToken" not in second


def test_what_cannot_be_searched_is_said(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="not FeatureGroup"):
        cloud.sagemaker.search(Resource="FeatureGroup")
