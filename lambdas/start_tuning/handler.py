"""New commits become a tuning job, once there is enough new data; so does what arrived while the last job ran.

The clock, drift and people wake it too.
"""

from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from lakeloop.adapters.aws import CLIENT_CONFIG
from lakeloop.adapters.footers import S3Footers
from lakeloop.adapters.labels import S3Labels
from lakeloop.adapters.lakefs import LakeFS
from lakeloop.adapters.leases import S3Leases
from lakeloop.adapters.messaging import SnsPublisher, consumer
from lakeloop.adapters.reports import S3StepReports
from lakeloop.adapters.s3 import S3Approval, S3Artifacts, S3Contracts
from lakeloop.adapters.secrets import lake_credentials
from lakeloop.adapters.tuning import SageMakerTuner
from lakeloop.consumer import BatchResponse, each
from lakeloop.observability import logger, metrics
from lakeloop.settings import TuningSettings
from lakeloop.training.service import TrainingService

settings = TuningSettings.load()
s3 = boto3.client("s3", config=CLIENT_CONFIG)
sns = boto3.client("sns", config=CLIENT_CONFIG)
queue = consumer(settings, s3, boto3.client("sqs", config=CLIENT_CONFIG))
credentials = lake_credentials(boto3.client("secretsmanager", config=CLIENT_CONFIG), settings.lakefs_secret_arn)
service = TrainingService(
    contracts=S3Contracts(s3, settings.contracts_index),
    lake=LakeFS(settings.lakefs_endpoint, credentials),
    artifacts=S3Artifacts(s3, settings.artifacts_bucket),
    tuner=SageMakerTuner(boto3.client("sagemaker", config=CLIENT_CONFIG), settings.name_prefix),
    leases=S3Leases(s3, settings.artifacts_bucket),
    labels=S3Labels(s3),
    footers=S3Footers(s3),
    remaker=SnsPublisher(sns, settings.features_missing_topic_arn),
    readings=S3Approval(s3, settings.artifacts_bucket),
    waker=SnsPublisher(sns, settings.own_topic_arn),
    reports=S3StepReports(s3, settings.artifacts_bucket),
    name_prefix=settings.name_prefix,
    image=settings.xgboost_image,
    role_arn=settings.execution_role_arn,
    kms_key_arn=settings.kms_key_arn,
)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> BatchResponse:
    return queue.consume(event, each(service.handle), context.get_remaining_time_in_millis)
