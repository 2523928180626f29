"""The alarms that guard a deployment."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import boto3

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient


class Alarms:
    """CloudWatch, wherever AWS_ENDPOINT_URL says it is."""

    def __init__(self, region: str) -> None:
        self._client: CloudWatchClient = boto3.client("cloudwatch", region_name=region)

    def firing(self, names: Sequence[str]) -> list[str]:
        """Those of the named alarms that are in ALARM now."""
        found = self._client.describe_alarms(AlarmNames=list(names), AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        alarms = [*found.get("MetricAlarms", []), *found.get("CompositeAlarms", [])]
        return [alarm["AlarmName"] for alarm in alarms if alarm["StateValue"] == "ALARM"]
