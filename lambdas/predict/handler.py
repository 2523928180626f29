"""Prediction requests through API Gateway to the endpoint and back."""

from functools import cache
from typing import Any

import botocore.session
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext

from lakeloop.adapters.capturing import CAPTURE_CONFIG, KmsKeys, SnsCaptures
from lakeloop.adapters.model_contracts import S3ModelContracts
from lakeloop.adapters.placements import S3Placements
from lakeloop.adapters.runtime import CONTROL_CONFIG, RUNTIME_CONFIG, STORE_CONFIG, SageMakerEndpoints
from lakeloop.adapters.s3 import S3Contracts
from lakeloop.observability import logger, metrics
from lakeloop.serving.answer import LONGEST_NAME
from lakeloop.serving.capturing import Capturing
from lakeloop.serving.routing import HttpRequest, respond
from lakeloop.serving.service import PredictionService
from lakeloop.settings import PredictionSettings

settings = PredictionSettings.load()
# The clients are those that boto3 would make; boto3 itself would add a quarter to the start, for transfers of files.
session: Any = botocore.session.get_session()
s3 = session.create_client("s3", config=STORE_CONFIG)
runtime = session.create_client("sagemaker-runtime", config=RUNTIME_CONFIG)
topic = SnsCaptures(
    sns=session.create_client("sns", config=CAPTURE_CONFIG),
    # Few callers send so many rows, and few contracts hash: who does waits for the client once.
    s3=cache(lambda: session.create_client("s3", config=CAPTURE_CONFIG)),
    topic_arn=settings.captures_topic_arn,
    bucket=settings.captures_bucket,
)
keys = KmsKeys(lambda: session.create_client("kms", config=STORE_CONFIG), settings.hashing_key_arn)
service = PredictionService(
    contracts=S3Contracts(s3, settings.contracts_index),
    model_contracts=S3ModelContracts(s3, settings.artifacts_bucket),
    endpoints=SageMakerEndpoints(
        session.create_client("sagemaker", config=CONTROL_CONFIG),
        runtime,
        S3Placements(s3, settings.artifacts_bucket, settings.name_prefix).current,
    ),
    capturing=Capturing(topic, keys, settings.name_prefix),
    name_prefix=settings.name_prefix,
)


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, object]:
    request = HttpRequest.of_event(event)
    answer = respond(service, request, settings.cors_origins).to_proxy()
    metrics.add_metric(name=f"Predictions{answer['statusCode']}", unit="Count", value=1)
    logger.info("predicted", extra={"dataset": request.dataset[:LONGEST_NAME], "status": answer["statusCode"]})
    return answer
