"""The loop is compared with what it should be: what no event told of is told again."""

from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from lakeloop.adapters.aws import CLIENT_CONFIG
from lakeloop.adapters.lakefs import LakeFS
from lakeloop.adapters.lakefs_setup import LakeSetup
from lakeloop.adapters.messaging import SnsPublisher, SnsSteps, consumer
from lakeloop.adapters.placements import S3Placements
from lakeloop.adapters.registry import SageMakerPackages
from lakeloop.adapters.reports import S3StepReports
from lakeloop.adapters.s3 import S3Contracts
from lakeloop.adapters.sagemaker import SageMakerServed
from lakeloop.adapters.secrets import lake_credentials
from lakeloop.adapters.switches import S3Answers, S3SwitchList
from lakeloop.adapters.tuning import SageMakerJobs
from lakeloop.consumer import BatchResponse, each
from lakeloop.observability import logger, metrics
from lakeloop.reconciliation.service import ReconciliationService
from lakeloop.settings import ReconcileLoopSettings

settings = ReconcileLoopSettings.load()
s3 = boto3.client("s3", config=CLIENT_CONFIG)
sns = boto3.client("sns", config=CLIENT_CONFIG)
sagemaker = boto3.client("sagemaker", config=CLIENT_CONFIG)
queue = consumer(settings, s3, boto3.client("sqs", config=CLIENT_CONFIG))
credentials = lake_credentials(boto3.client("secretsmanager", config=CLIENT_CONFIG), settings.lakefs_secret_arn)
service = ReconciliationService(
    contracts=S3Contracts(s3, settings.contracts_index),
    lake=LakeFS(settings.lakefs_endpoint, credentials),
    branches=LakeSetup(settings.lakefs_endpoint, credentials),
    jobs=SageMakerJobs(sagemaker, settings.name_prefix),
    registry=SageMakerPackages(sagemaker),
    served=SageMakerServed(sagemaker),
    placements=S3Placements(s3, settings.artifacts_bucket, settings.name_prefix),
    switches=S3SwitchList(s3, settings.artifacts_bucket),
    answers=S3Answers(s3, settings.artifacts_bucket),
    steps=SnsSteps(sns, settings.step_topic_arns),
    publisher=SnsPublisher(sns, settings.own_topic_arn),
    reports=S3StepReports(s3, settings.artifacts_bucket),
    name_prefix=settings.name_prefix,
)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> BatchResponse:
    return queue.consume(event, each(service.handle), context.get_remaining_time_in_millis)
