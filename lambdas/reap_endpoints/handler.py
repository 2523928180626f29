"""`terraform destroy` removes what functions made and Terraform does not know: endpoints, models, running jobs."""

from dataclasses import asdict
from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from lakeloop.adapters.aws import CLIENT_CONFIG
from lakeloop.adapters.reaper import SageMakerReaper
from lakeloop.adapters.wiring import Wiring
from lakeloop.observability import logger
from lakeloop.settings import ReaperSettings

settings = ReaperSettings.load()
reaper = SageMakerReaper(boto3.client("sagemaker", config=CLIENT_CONFIG), settings.name_prefix)
wiring = Wiring(boto3.client("lambda", config=CLIENT_CONFIG), boto3.client("events", config=CLIENT_CONFIG))


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, object]:
    """Terraform says `delete` when it replaces the invocation too, so what the environment still is decides."""
    if event.get("tf", {}).get("action") != "delete":
        return {"deleted": []}
    left = wiring.left(settings.woken_functions, settings.rules)
    if left:
        why = f"nothing is deleted, because the environment stays: there is still {', '.join(left)}"
        logger.warning("not reaped", extra={"why": why})
        return {"deleted": [], "why": why}
    reaped = asdict(reaper.reap_for_good(settings.in_flight_seconds))
    logger.info("reaped", extra=reaped)
    return reaped
