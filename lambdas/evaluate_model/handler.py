"""The model of an ended tuning job is scored beside the one that serves, judged and registered."""

from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from lakeloop.adapters.aws import CLIENT_CONFIG
from lakeloop.adapters.candidates import SageMakerCandidates
from lakeloop.adapters.lakefs import LakeFS
from lakeloop.adapters.messaging import consumer
from lakeloop.adapters.model_contracts import S3ModelContracts
from lakeloop.adapters.placements import S3Placements
from lakeloop.adapters.registry import SageMakerRegistry
from lakeloop.adapters.reports import S3StepReports
from lakeloop.adapters.s3 import S3Contracts, S3Evaluations
from lakeloop.adapters.sagemaker import SageMakerModels
from lakeloop.adapters.secrets import lake_credentials
from lakeloop.adapters.transforms import SageMakerTransforms
from lakeloop.consumer import BatchResponse, each
from lakeloop.evaluation.service import EvaluationService
from lakeloop.observability import logger, metrics
from lakeloop.settings import EvaluationSettings

settings = EvaluationSettings.load()
s3 = boto3.client("s3", config=CLIENT_CONFIG)
sagemaker = boto3.client("sagemaker", config=CLIENT_CONFIG)
queue = consumer(settings, s3, boto3.client("sqs", config=CLIENT_CONFIG))
credentials = lake_credentials(boto3.client("secretsmanager", config=CLIENT_CONFIG), settings.lakefs_secret_arn)
service = EvaluationService(
    contracts=S3Contracts(s3, settings.contracts_index),
    model_contracts=S3ModelContracts(s3, settings.artifacts_bucket),
    lake=LakeFS(settings.lakefs_endpoint, credentials),
    candidates=SageMakerCandidates(sagemaker),
    models=SageMakerModels(sagemaker, S3Placements(s3, settings.artifacts_bucket, settings.name_prefix)),
    transforms=SageMakerTransforms(sagemaker),
    registry=SageMakerRegistry(sagemaker),
    evaluations=S3Evaluations(s3, settings.artifacts_bucket),
    reports=S3StepReports(s3, settings.artifacts_bucket),
    name_prefix=settings.name_prefix,
    image=settings.xgboost_image,
    role_arn=settings.execution_role_arn,
    kms_key_arn=settings.kms_key_arn,
    git_sha=settings.git_sha,
)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> BatchResponse:
    return queue.consume(event, each(service.handle), context.get_remaining_time_in_millis)
