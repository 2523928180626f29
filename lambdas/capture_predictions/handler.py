"""Answered predictions become Parquet, many of them together."""

from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from lakeloop.adapters.aws import CLIENT_CONFIG
from lakeloop.adapters.captures import S3Captures
from lakeloop.adapters.messaging import consumer
from lakeloop.capture.service import CaptureService
from lakeloop.consumer import BatchResponse
from lakeloop.observability import logger, metrics
from lakeloop.settings import CaptureSettings

settings = CaptureSettings.load()
s3 = boto3.client("s3", config=CLIENT_CONFIG)
queue = consumer(settings, s3, boto3.client("sqs", config=CLIENT_CONFIG))
service = CaptureService(S3Captures(s3, settings.captures_bucket))


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> BatchResponse:
    return queue.consume(event, service.handle, context.get_remaining_time_in_millis)
