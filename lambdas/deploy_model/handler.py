"""Approved versions come behind endpoints; ended deployments are told; changed `serving` sections are brought about."""

from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from lakeloop.adapters.aws import CLIENT_CONFIG
from lakeloop.adapters.messaging import SnsPublisher, consumer
from lakeloop.adapters.model_contracts import S3ModelContracts
from lakeloop.adapters.placements import S3PlacementsKept
from lakeloop.adapters.registry import SageMakerVersions
from lakeloop.adapters.reports import S3StepReports
from lakeloop.adapters.s3 import S3Contracts
from lakeloop.adapters.sagemaker import SageMakerHosting
from lakeloop.adapters.switches import S3SwitchList
from lakeloop.adapters.watch import CloudWatchWatch
from lakeloop.consumer import BatchResponse, each
from lakeloop.deployment.service import DeploymentService
from lakeloop.observability import logger, metrics
from lakeloop.settings import DeploymentSettings

settings = DeploymentSettings.load()
s3 = boto3.client("s3", config=CLIENT_CONFIG)
sagemaker = boto3.client("sagemaker", config=CLIENT_CONFIG)
queue = consumer(settings, s3, boto3.client("sqs", config=CLIENT_CONFIG))
service = DeploymentService(
    contracts=S3Contracts(s3, settings.contracts_index),
    hosting=SageMakerHosting(sagemaker),
    placements=S3PlacementsKept(s3, settings.artifacts_bucket, settings.name_prefix),
    model_contracts=S3ModelContracts(s3, settings.artifacts_bucket),
    watch=CloudWatchWatch(boto3.client("cloudwatch", config=CLIENT_CONFIG)),
    registry=SageMakerVersions(sagemaker),
    evaluator=SnsPublisher(boto3.client("sns", config=CLIENT_CONFIG), settings.evaluate_topic_arn),
    switches=S3SwitchList(s3, settings.artifacts_bucket),
    reports=S3StepReports(s3, settings.artifacts_bucket),
    name_prefix=settings.name_prefix,
    role_arn=settings.execution_role_arn,
)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> BatchResponse | dict[str, str]:
    """Terraform calls with `datasets` when a `serving` section changed, the queue with `Records`."""
    if "datasets" in event:
        return service.serve_as_contracts_say(event["datasets"])
    return queue.consume(event, each(service.handle), context.get_remaining_time_in_millis)
