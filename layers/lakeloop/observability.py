"""The one logger and the one set of metrics; both read their settings from POWERTOOLS_* and LOG_LEVEL."""

import os

from aws_lambda_powertools import Logger, Metrics, single_metric
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger(version=os.environ.get("LAKELOOP_VERSION", "unknown"))
metrics = Metrics()


def count_of_dataset(name: str, dataset: str) -> None:
    """Count one of something under the dimensions `dataset` and `service`, for the alarms of one dataset."""
    figure(name, 1, MetricUnit.Count, dataset=dataset)


def figure(name: str, value: float, unit: MetricUnit = MetricUnit.NoUnit, **dimensions: str) -> None:
    """A figure under these dimensions and `service`."""
    with single_metric(name=name, unit=unit, value=value) as metric:
        for dimension, said in dimensions.items():
            metric.add_dimension(name=dimension, value=said)


def gauge_of_dataset(name: str, dataset: str, seconds: float) -> None:
    """How long something took or is ago, in seconds, under the dimensions `dataset` and `service`."""
    figure(name, seconds, MetricUnit.Seconds, dataset=dataset)
