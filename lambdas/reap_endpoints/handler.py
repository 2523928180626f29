"""`terraform destroy` removes what functions made and Terraform does not know: endpoints, configs, models."""

from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from lakeloop.adapters.aws import CLIENT_CONFIG
from lakeloop.adapters.reaper import SageMakerReaper
from lakeloop.observability import logger
from lakeloop.settings import Settings

settings = Settings.load()
reaper = SageMakerReaper(boto3.client("sagemaker", config=CLIENT_CONFIG), settings.name_prefix)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, list[str]]:
    if event.get("tf", {}).get("action") != "delete":
        return {"deleted": []}
    deleted = reaper.reap()
    logger.info("reaped", extra={"deleted": deleted})
    return {"deleted": deleted}
