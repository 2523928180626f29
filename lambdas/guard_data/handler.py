"""`terraform destroy` asks this function first: it refuses while buckets hold data that nobody said may go."""

from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from lakeloop.adapters.aws import CLIENT_CONFIG
from lakeloop.adapters.held_data import HeldData
from lakeloop.errors import StillHoldsDataError
from lakeloop.observability import logger
from lakeloop.settings import GuardSettings

settings = GuardSettings.load()
held = HeldData(boto3.client("s3", config=CLIENT_CONFIG))


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, object]:
    """Everything else is destroyed after this invocation, so an error here leaves the environment as it was."""
    if event.get("tf", {}).get("action") != "delete" or event.get("force_destroy"):
        return {}
    found = [place for bucket in settings.guarded_buckets for place in held.places(bucket)]
    if found:
        raise StillHoldsDataError(
            f"nothing is destroyed, because there is data in {', '.join(found)}. Copy what you need; then apply with "
            "force_destroy = true, which lets the data go, or empty the buckets with all versions, and destroy again. "
            "Terraform forgot its outputs in trying: `terraform apply -refresh-only` brings them back"
        )
    return {}
