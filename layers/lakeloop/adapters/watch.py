"""What CloudWatch says of endpoints."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lakeloop.deployment.requests import VARIANT

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient

PERIOD_SECONDS = 60


class CloudWatchWatch:
    def __init__(self, client: "CloudWatchClient") -> None:
        self._client = client

    def red(self, alarms: Sequence[str]) -> list[str]:
        found = self._client.describe_alarms(AlarmNames=list(alarms), AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        there = [*found["MetricAlarms"], *found["CompositeAlarms"]]
        return sorted(alarm["AlarmName"] for alarm in there if alarm["StateValue"] == "ALARM")

    def invocations(self, endpoint: str, since: datetime) -> int:
        """In whole minutes, the first of which may have begun before."""
        found = self._client.get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName="Invocations",
            Dimensions=[{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": VARIANT}],
            StartTime=since,
            EndTime=datetime.now(UTC),
            Period=PERIOD_SECONDS,
            Statistics=["Sum"],
        )
        return int(sum(point["Sum"] for point in found["Datapoints"]))
