"""The landing bucket is compared with main: what no event told of is sent to transform_data."""

from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from lakeloop.adapters.aws import CLIENT_CONFIG
from lakeloop.adapters.lakefs import LakeFS
from lakeloop.adapters.landing import S3Listing, S3Outcomes
from lakeloop.adapters.messaging import SnsPublisher, consumer
from lakeloop.adapters.reports import S3StepReports
from lakeloop.adapters.s3 import S3Contracts
from lakeloop.adapters.secrets import lake_credentials
from lakeloop.consumer import BatchResponse, each_in_time
from lakeloop.ingest.reconcile import Findings, ReconcileService
from lakeloop.observability import logger, metrics
from lakeloop.settings import ReconcileSettings

settings = ReconcileSettings.load()
s3 = boto3.client("s3", config=CLIENT_CONFIG)
sns = boto3.client("sns", config=CLIENT_CONFIG)
queue = consumer(settings, s3, boto3.client("sqs", config=CLIENT_CONFIG))
credentials = lake_credentials(boto3.client("secretsmanager", config=CLIENT_CONFIG), settings.lakefs_secret_arn)
lake = LakeFS(settings.lakefs_endpoint, credentials)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> BatchResponse:
    # What failed is read once, and anew for each delivery.
    outcomes = S3Outcomes(s3, settings.artifacts_bucket)
    service = ReconcileService(
        contracts=S3Contracts(s3, settings.contracts_index),
        findings=Findings(
            listing=S3Listing(s3, settings.landing_bucket),
            lake=lake,
            outcomes=outcomes,
            name_prefix=settings.name_prefix,
        ),
        outcomes=outcomes,
        announcer=SnsPublisher(sns, settings.landed_topic_arn),
        publisher=SnsPublisher(sns, settings.own_topic_arn),
        reports=S3StepReports(s3, settings.artifacts_bucket),
    )

    return queue.consume(event, each_in_time(service.handle), context.get_remaining_time_in_millis)
