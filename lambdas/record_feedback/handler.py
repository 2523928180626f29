"""Labels for predictions, through API Gateway."""

from typing import Any

import boto3
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from lakeloop.adapters.feedback import S3Labels
from lakeloop.adapters.s3 import S3Contracts
from lakeloop.feedback.service import THREADS, FeedbackService
from lakeloop.observability import logger, metrics
from lakeloop.serving.answer import LONGEST_NAME
from lakeloop.serving.routing import HttpRequest, readable_by
from lakeloop.settings import FeedbackSettings

settings = FeedbackSettings.load()
# API Gateway gives up after 29 s; whoever tells a label again changes nothing.
config = Config(
    connect_timeout=1,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 2},
    max_pool_connections=THREADS,
)
s3 = boto3.client("s3", config=config)
service = FeedbackService(
    contracts=S3Contracts(s3, settings.contracts_index),
    labels=S3Labels(s3, settings.captures_bucket),
    name_prefix=settings.name_prefix,
)


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST)
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, object]:
    request = HttpRequest.of_event(event)
    answer = service.handle(request.dataset, request.body, request.caller)
    readable = readable_by(answer, request.origin, settings.cors_origins).to_proxy()
    metrics.add_metric(name=f"Feedback{readable['statusCode']}", unit="Count", value=1)
    logger.info("feedback", extra={"dataset": request.dataset[:LONGEST_NAME], "status": readable["statusCode"]})
    return readable
