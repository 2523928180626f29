"""What CloudWatch is told of training jobs and trials: every value of every metric, as SageMaker's clients plot them.

https://docs.aws.amazon.com/sagemaker/latest/dg/training-metrics.html
"""

import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from lakeloop.local.sagemaker.batches import Batches
from lakeloop.local.sagemaker.training.metrics import Observation

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

log = logging.getLogger(__name__)
NAMESPACE = "/aws/sagemaker/TrainingJobs"
# Of data that PutMetricData takes at a time.
MOST_DATA = 1000


@dataclass(frozen=True)
class Seen:
    observation: Observation
    time: float = field(default_factory=time.time)


class TrainingMetrics:
    def __init__(self, region: str) -> None:
        config = Config(connect_timeout=2, read_timeout=5, retries={"max_attempts": 1})
        self._client: CloudWatchClient = boto3.client("cloudwatch", region_name=region, config=config)
        self._seen: Batches[str, Seen] = Batches("training metrics", self._put)

    def start(self) -> None:
        self._seen.start()

    def record(self, job: str, observation: Observation) -> None:
        self._seen.add(job, Seen(observation))

    def close(self) -> None:
        self._seen.close()

    def _put(self, job: str, seen: list[Seen]) -> None:
        try:
            for start in range(0, len(seen), MOST_DATA):
                self._client.put_metric_data(
                    Namespace=NAMESPACE,
                    MetricData=[
                        {
                            "MetricName": each.observation.metric,
                            "Dimensions": [{"Name": "TrainingJobName", "Value": job}],
                            "Timestamp": datetime.fromtimestamp(each.time, UTC),
                            "Value": each.observation.value,
                        }
                        for each in seen[start : start + MOST_DATA]
                    ],
                )
        except (ClientError, BotoCoreError) as error:
            log.warning("metrics of %s are lost: %s", job, error)
