"""Landed files become commits: validate, split, write Parquet, merge into main."""

from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from lakeloop.adapters.aws import CLIENT_CONFIG
from lakeloop.adapters.lakefs import LakeFS
from lakeloop.adapters.landing import S3Listing
from lakeloop.adapters.messaging import SnsPublisher, consumer
from lakeloop.adapters.s3 import S3Artifacts, S3Contracts, S3Landing
from lakeloop.adapters.secrets import lake_credentials
from lakeloop.consumer import BatchResponse
from lakeloop.ingest.service import IngestService
from lakeloop.observability import logger, metrics
from lakeloop.settings import TransformSettings

settings = TransformSettings.load()
s3 = boto3.client("s3", config=CLIENT_CONFIG)
queue = consumer(settings, s3, boto3.client("sqs", config=CLIENT_CONFIG))
credentials = lake_credentials(boto3.client("secretsmanager", config=CLIENT_CONFIG), settings.lakefs_secret_arn)
service = IngestService(
    landing=S3Landing(s3, settings.landing_bucket),
    listing=S3Listing(s3, settings.landing_bucket),
    contracts=S3Contracts(s3, settings.contracts_index),
    artifacts=S3Artifacts(s3, settings.artifacts_bucket),
    # A merge waits its turn while other deliveries merge.
    lake=LakeFS(settings.lakefs_endpoint, credentials, budget_seconds=60),
    publisher=SnsPublisher(boto3.client("sns", config=CLIENT_CONFIG), settings.data_committed_topic_arn),
    name_prefix=settings.name_prefix,
    git_sha=settings.git_sha,
    max_object_bytes=settings.max_object_bytes,
)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> BatchResponse:
    return queue.consume(event, service.handle, context.get_remaining_time_in_millis)
