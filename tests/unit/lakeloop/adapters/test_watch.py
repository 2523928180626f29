"""What CloudWatch says of endpoints; against CloudWatch as moto answers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from lakeloop.adapters.watch import CloudWatchWatch
from lakeloop.deployment.requests import VARIANT

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def client() -> Iterator["CloudWatchClient"]:
    with mock_aws():
        yield boto3.client("cloudwatch", "us-east-1")


def test_of_the_alarms_that_are_named_those_are_red_that_are_in_alarm(client: "CloudWatchClient") -> None:
    for name, state in [("errors", "ALARM"), ("latency", "OK"), ("theirs", "ALARM")]:
        client.put_metric_alarm(
            AlarmName=name,
            Namespace="AWS/SageMaker",
            MetricName="ModelLatency",
            Statistic="Average",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
        client.set_alarm_state(AlarmName=name, StateValue=state, StateReason="a test")  # type: ignore[arg-type]

    assert CloudWatchWatch(client).red(["errors", "latency", "not there"]) == ["errors"]


def test_requests_to_one_endpoint_are_counted_from_a_moment_on(client: "CloudWatchClient") -> None:
    for endpoint, minute, count in [("e", -5, 1), ("e", 1, 2), ("e", 7, 3), ("another", 1, 9)]:
        dimensions = [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": VARIANT}]
        told = {"MetricName": "Invocations", "Dimensions": dimensions, "Value": count}
        client.put_metric_data(
            Namespace="AWS/SageMaker",
            MetricData=[{**told, "Timestamp": NOON + timedelta(minutes=minute)}],  # type: ignore[typeddict-item]
        )

    assert CloudWatchWatch(client).invocations("e", NOON) == 5
    assert CloudWatchWatch(client).invocations("e", NOON + timedelta(minutes=10)) == 0
