"""How clients of AWS are made and how their errors are read."""

from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Collection

CLIENT_CONFIG = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "max_attempts": 4})

# What SageMaker, S3, SNS and SQS answer when the same call may succeed later.
TRANSIENT_CODES: "Collection[str]" = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "RequestLimitExceeded",
        "ResourceLimitExceeded",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


def error_code(error: ClientError) -> str:
    return str(error.response["Error"].get("Code", ""))


def error_message(error: ClientError) -> str:
    return str(error.response["Error"].get("Message", ""))
