"""What CloudWatch is told of every endpoint, so that alarms on it fire by themselves.

https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from lakeloop.local.sagemaker.batches import Batches

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.literals import StandardUnitType
    from mypy_boto3_cloudwatch.type_defs import MetricDatumTypeDef

log = logging.getLogger(__name__)
NAMESPACE = "AWS/SageMaker"
# PutMetricData takes so many different values of a metric at a time.
MOST_VALUES = 150


@dataclass(frozen=True)
class Target:
    endpoint: str
    variant: str


@dataclass(frozen=True)
class Invocation:
    # What the container answered; 0 when it gave no answer.
    status: int
    seconds: float

    def values(self) -> Iterator[tuple[str, "StandardUnitType", float]]:
        yield "Invocations", "None", 1
        yield "Invocation4XXErrors", "None", int(400 <= self.status < 500)
        yield "Invocation5XXErrors", "None", int(self.status >= 500 or self.status == 0)
        yield "ModelLatency", "Microseconds", round(self.seconds * 1e6)


class EndpointMetrics:
    """Tells CloudWatch of the invocations of each variant."""

    def __init__(self, region: str) -> None:
        config = Config(connect_timeout=2, read_timeout=5, retries={"max_attempts": 1})
        self._client: CloudWatchClient = boto3.client("cloudwatch", region_name=region, config=config)
        self._seen: Batches[Target, Invocation] = Batches("endpoint metrics", self._put)

    def start(self) -> None:
        self._seen.start()

    def record(self, target: Target, invocation: Invocation) -> None:
        self._seen.add(target, invocation)

    def close(self) -> None:
        self._seen.close()

    def _put(self, target: Target, invocations: list[Invocation]) -> None:
        try:
            self._client.put_metric_data(Namespace=NAMESPACE, MetricData=list(data(target, invocations)))
        except (ClientError, BotoCoreError) as error:
            log.warning("metrics of %s are lost: %s", target, error)


def data(target: Target, invocations: list[Invocation]) -> Iterator["MetricDatumTypeDef"]:
    """Every metric with the values that were seen and how often each was."""
    counts: defaultdict[tuple[str, StandardUnitType], Counter[float]] = defaultdict(Counter)
    for invocation in invocations:
        for name, unit, value in invocation.values():
            counts[name, unit][value] += 1
    for (name, unit), seen in counts.items():
        values = list(seen)
        for start in range(0, len(values), MOST_VALUES):
            part = values[start : start + MOST_VALUES]
            yield {
                "MetricName": name,
                "Unit": unit,
                "Dimensions": [
                    {"Name": "EndpointName", "Value": target.endpoint},
                    {"Name": "VariantName", "Value": target.variant},
                ],
                "Values": part,
                "Counts": [seen[value] for value in part],
            }
