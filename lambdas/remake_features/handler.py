"""Rows whose features a changed contract wants otherwise get them anew, from the lake."""

from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from lakeloop.adapters.aws import CLIENT_CONFIG
from lakeloop.adapters.lakefs import LakeFS
from lakeloop.adapters.messaging import SnsPublisher, consumer
from lakeloop.adapters.s3 import S3Contracts
from lakeloop.adapters.secrets import lake_credentials
from lakeloop.consumer import BatchResponse, each_in_time
from lakeloop.ingest.remake import RemakeService
from lakeloop.observability import logger, metrics
from lakeloop.settings import RemakeSettings

settings = RemakeSettings.load()
s3 = boto3.client("s3", config=CLIENT_CONFIG)
queue = consumer(settings, s3, boto3.client("sqs", config=CLIENT_CONFIG))
credentials = lake_credentials(boto3.client("secretsmanager", config=CLIENT_CONFIG), settings.lakefs_secret_arn)
service = RemakeService(
    contracts=S3Contracts(s3, settings.contracts_index),
    lake=LakeFS(settings.lakefs_endpoint, credentials, budget_seconds=60),
    publisher=SnsPublisher(boto3.client("sns", config=CLIENT_CONFIG), settings.data_committed_topic_arn),
    name_prefix=settings.name_prefix,
    git_sha=settings.git_sha,
)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> BatchResponse:
    return queue.consume(event, each_in_time(service.handle), context.get_remaining_time_in_millis)
