"""Predictions are compared with what their model learned from, and with the labels that came for them."""

from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from lakeloop.adapters.aws import CLIENT_CONFIG
from lakeloop.adapters.captures import S3Captures
from lakeloop.adapters.feedback import S3KeptLabels
from lakeloop.adapters.lakefs import LakeFS
from lakeloop.adapters.messaging import SnsPublisher, consumer
from lakeloop.adapters.model_contracts import S3ModelContracts
from lakeloop.adapters.monitoring import S3WatchStates
from lakeloop.adapters.placements import S3Placements
from lakeloop.adapters.reports import S3StepReports
from lakeloop.adapters.s3 import S3Contracts, S3Evaluations
from lakeloop.adapters.sagemaker import SageMakerServed
from lakeloop.adapters.secrets import lake_credentials
from lakeloop.consumer import BatchResponse, each_in_time
from lakeloop.monitoring.service import MonitorService
from lakeloop.observability import logger, metrics
from lakeloop.settings import MonitorSettings

settings = MonitorSettings.load()
s3 = boto3.client("s3", config=CLIENT_CONFIG)
sns = boto3.client("sns", config=CLIENT_CONFIG)
sagemaker = boto3.client("sagemaker", config=CLIENT_CONFIG)
queue = consumer(settings, s3, boto3.client("sqs", config=CLIENT_CONFIG))
credentials = lake_credentials(boto3.client("secretsmanager", config=CLIENT_CONFIG), settings.lakefs_secret_arn)
service = MonitorService(
    contracts=S3Contracts(s3, settings.contracts_index),
    model_contracts=S3ModelContracts(s3, settings.artifacts_bucket),
    served=SageMakerServed(sagemaker, S3Placements(s3, settings.artifacts_bucket, settings.name_prefix)),
    lake=LakeFS(settings.lakefs_endpoint, credentials),
    captures=S3Captures(s3, settings.captures_bucket),
    labels=S3KeptLabels(s3, settings.captures_bucket),
    kept=S3Evaluations(s3, settings.captures_bucket),
    artifacts=S3Evaluations(s3, settings.artifacts_bucket),
    states=S3WatchStates(s3, settings.captures_bucket),
    publisher=SnsPublisher(sns, settings.own_topic_arn),
    trainer=SnsPublisher(sns, settings.training_topic_arn),
    reports=S3StepReports(s3, settings.artifacts_bucket),
    name_prefix=settings.name_prefix,
)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> BatchResponse:
    return queue.consume(event, each_in_time(service.handle), context.get_remaining_time_in_millis)
