"""Predictions and the labels that came for them are dropped as files of rows."""

from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from lakeloop.adapters.aws import CLIENT_CONFIG
from lakeloop.adapters.captures import S3Captures
from lakeloop.adapters.feedback import S3JoinStates, S3KeptLabels
from lakeloop.adapters.landing import S3Drop
from lakeloop.adapters.messaging import SnsPublisher, consumer
from lakeloop.adapters.s3 import S3Contracts
from lakeloop.consumer import BatchResponse, each_in_time
from lakeloop.feedback.join import JoinService
from lakeloop.observability import logger, metrics
from lakeloop.settings import JoinSettings

settings = JoinSettings.load()
s3 = boto3.client("s3", config=CLIENT_CONFIG)
queue = consumer(settings, s3, boto3.client("sqs", config=CLIENT_CONFIG))
service = JoinService(
    contracts=S3Contracts(s3, settings.contracts_index),
    captures=S3Captures(s3, settings.captures_bucket),
    labels=S3KeptLabels(s3, settings.captures_bucket),
    states=S3JoinStates(s3, settings.captures_bucket),
    landing=S3Drop(s3, settings.landing_bucket),
    publisher=SnsPublisher(boto3.client("sns", config=CLIENT_CONFIG), settings.own_topic_arn),
    name_prefix=settings.name_prefix,
)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> BatchResponse:
    return queue.consume(event, each_in_time(service.handle), context.get_remaining_time_in_millis)
