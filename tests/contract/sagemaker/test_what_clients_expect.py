"""What the published clients read of an answer, beyond what a request put there."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from tests.contract.sagemaker.cloud import Cloud, LocalServer, eventually
from tests.contract.sagemaker.jobs import ended_training, train


def test_a_training_job_says_its_metrics_its_key_and_at_least_a_second(
    cloud: Cloud, channels: list[dict[str, Any]]
) -> None:
    job = train(cloud, channels)

    assert job["OutputDataConfig"]["KmsKeyId"] == ""
    assert "validation:auc" in [each["Name"] for each in job["AlgorithmSpecification"]["MetricDefinitions"]]
    assert job["TrainingTimeInSeconds"] >= 1
    assert job["BillableTimeInSeconds"] >= 1


def test_metrics_of_a_training_job_are_in_cloudwatch(cloud: Cloud, channels: list[dict[str, Any]]) -> None:
    job = train(cloud, channels)
    now = datetime.now(UTC)

    def values() -> list[Any]:
        return list(
            cloud.cloudwatch.get_metric_statistics(
                Namespace="/aws/sagemaker/TrainingJobs",
                MetricName=job["FinalMetricDataList"][0]["MetricName"],
                Dimensions=[{"Name": "TrainingJobName", "Value": job["TrainingJobName"]}],
                StartTime=now - timedelta(hours=1),
                EndTime=now + timedelta(hours=1),
                Period=60,
                Statistics=["Average"],
            )["Datapoints"]
        )

    assert eventually(values, "the job's metrics")


def test_data_may_be_named_by_its_web_address(cloud: Cloud, channels: list[dict[str, Any]]) -> None:
    from tests.contract.sagemaker.examples import training_job

    name = cloud.name("training")
    request = training_job(cloud, name, channels)
    for channel in request["InputDataConfig"]:
        source = dict(channel["DataSource"]["S3DataSource"])
        source["S3Uri"] = source["S3Uri"].replace("s3://", "https://s3.us-east-1.amazonaws.com/")
        channel["DataSource"] = {"S3DataSource": source}

    cloud.sagemaker.create_training_job(**request)

    assert ended_training(cloud, name)["TrainingJobStatus"] == "Completed"


@pytest.mark.parametrize(
    ("operation", "body", "code"),
    [
        ("ListModels", b'{"NameContains": "\xff"}', "SerializationException"),
        ("ListModels", b"[" * 100_000, "SerializationException"),
    ],
    ids=["no UTF-8", "too deep"],
)
def test_nonsense_is_refused_and_no_failure(local_server: LocalServer, operation: str, body: bytes, code: str) -> None:
    answer = requests.post(local_server.url, data=body, headers={"X-Amz-Target": f"SageMaker.{operation}"}, timeout=5)

    assert (answer.status_code, answer.json()["__type"]) == (400, code)


def test_a_training_job_without_an_algorithm_is_refused(cloud: Cloud, channels: list[dict[str, Any]]) -> None:
    from botocore.exceptions import ClientError

    from tests.contract.sagemaker.examples import training_job

    request = training_job(cloud, cloud.name("training"), channels)
    del request["AlgorithmSpecification"]

    with pytest.raises(ClientError, match="AlgorithmSpecification"):
        cloud.sagemaker.create_training_job(**request)
