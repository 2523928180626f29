"""`terraform destroy` removes what functions made and Terraform does not know; `terraform apply` old layers."""

from dataclasses import asdict
from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from lakeloop.adapters.aws import CLIENT_CONFIG
from lakeloop.adapters.layers import LambdaLayers
from lakeloop.adapters.reaper import SageMakerReaper
from lakeloop.adapters.rollouts import S3Rollouts
from lakeloop.adapters.wiring import Wiring
from lakeloop.observability import logger
from lakeloop.rollout.record import unneeded
from lakeloop.settings import ReaperSettings

settings = ReaperSettings.load()
reaper = SageMakerReaper(boto3.client("sagemaker", config=CLIENT_CONFIG), settings.name_prefix)
functions = boto3.client("lambda", config=CLIENT_CONFIG)
wiring = Wiring(functions, boto3.client("events", config=CLIENT_CONFIG))
layers = LambdaLayers(functions)
rollouts = S3Rollouts(boto3.client("s3", config=CLIENT_CONFIG), settings.artifacts_bucket)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, object]:
    """Terraform says `delete` when it replaces the invocation too, so what the environment still is decides."""
    if event.get("tf", {}).get("action") == "delete":
        return reap()
    return {"deleted": prune() if "rollouts" in event else []}


def reap() -> dict[str, object]:
    left = wiring.left(settings.queues, settings.rules)
    if left:
        why = f"nothing is deleted, because the environment stays: there is still {', '.join(left)}"
        logger.warning("not reaped", extra={"why": why})
        return {"deleted": [], "why": why}
    reaped = asdict(reaper.reap_for_good(settings.in_flight_seconds))
    reaped["layers"] = layers.delete(layers.versions(settings.layers))
    logger.info("reaped", extra=reaped)
    return reaped


def prune() -> list[str]:
    """Delete the layers that nobody goes back to."""
    kept = [written.rollout for written in rollouts.kept()]
    deleted = layers.delete(unneeded(layers.versions(settings.layers), kept))
    logger.info("pruned", extra={"deleted": deleted})
    return deleted
