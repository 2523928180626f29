"""What training, evaluation and deployment did becomes runs, model versions and aliases of a tracker."""

from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from lakeloop.adapters.aws import CLIENT_CONFIG
from lakeloop.adapters.leases import S3Leases
from lakeloop.adapters.messaging import consumer
from lakeloop.adapters.mlflow import MlflowTracker
from lakeloop.adapters.mlflow_calls import MlflowCalls
from lakeloop.adapters.mlflow_models import MlflowCatalog
from lakeloop.adapters.model_contracts import S3ModelContracts
from lakeloop.adapters.objects import S3Objects
from lakeloop.adapters.placements import S3Placements
from lakeloop.adapters.registry import SageMakerPackages
from lakeloop.adapters.s3 import S3Contracts
from lakeloop.adapters.sagemaker import SageMakerServed
from lakeloop.adapters.secrets import mlflow_credentials
from lakeloop.adapters.trials import SageMakerJobs
from lakeloop.consumer import BatchResponse, each
from lakeloop.observability import logger, metrics
from lakeloop.settings import TrackingSettings
from lakeloop.tracking.service import TrackingService

settings = TrackingSettings.load()
s3 = boto3.client("s3", config=CLIENT_CONFIG)
sagemaker = boto3.client("sagemaker", config=CLIENT_CONFIG)
queue = consumer(settings, s3, boto3.client("sqs", config=CLIENT_CONFIG))
credentials = mlflow_credentials(
    boto3.client("secretsmanager", config=CLIENT_CONFIG), settings.mlflow_credentials_secret_arn
)
calls = MlflowCalls(settings.mlflow_tracking_uri, credentials)
tracker = MlflowTracker(calls, settings.name_prefix)
service = TrackingService(
    jobs=SageMakerJobs(sagemaker, boto3.client("logs", config=CLIENT_CONFIG), settings.name_prefix),
    contracts=S3Contracts(s3, settings.contracts_index),
    served=SageMakerServed(sagemaker, S3Placements(s3, settings.artifacts_bucket, settings.name_prefix)),
    packages=SageMakerPackages(sagemaker),
    model_contracts=S3ModelContracts(s3, settings.artifacts_bucket),
    objects=S3Objects(s3),
    tracker=tracker,
    catalog=MlflowCatalog(calls, tracker, settings.name_prefix),
    leases=S3Leases(s3, settings.artifacts_bucket, settings.function),
    name_prefix=settings.name_prefix,
)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> BatchResponse:
    return queue.consume(event, each(service.handle), context.get_remaining_time_in_millis)
