"""How clients of AWS are made and how their errors are read."""

from botocore.config import Config
from botocore.exceptions import ClientError

CLIENT_CONFIG = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "max_attempts": 4})

# What SageMaker, S3, SNS and SQS answer when the same call may succeed later.
TRANSIENT_CODES = frozenset(
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
