"""How clients of AWS are made and how their errors are read."""

import time
from collections.abc import Callable
from typing import TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError

from lakeloop.errors import LakeloopError, NotPermittedError, PermanentError, TransientError

# Three tries of 15 seconds and the waits between them fit the shortest function that a queue wakes, which has 60.
CLIENT_CONFIG = Config(connect_timeout=3, read_timeout=12, retries={"mode": "standard", "total_max_attempts": 3})

T = TypeVar("T")
# Whose connection was closed before the request is told so at once.
AT_ONCE_SECONDS = 1.0

# What SageMaker, S3, SNS and SQS answer when the same call may succeed later.
TRANSIENT_CODES = frozenset(
    {
        "500",
        "503",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "KMS.ThrottlingException",
        "KMSThrottlingException",
        "KmsThrottled",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeout",
        "ResourceLimitExceeded",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)

# A right is missing in the function's role, or in the policy of a key, bucket, topic or queue.
DENIED_CODES = frozenset(
    {
        "403",
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "KMS.AccessDeniedException",
        "KMSAccessDenied",
        "KMSAccessDeniedException",
        "KmsAccessDenied",
    }
)

# The request itself is wrong, and will be wrong again.
INVALID_CODES = frozenset({"InvalidParameter", "InvalidParameterValue", "ValidationError", "ValidationException"})


def reconnecting(call: Callable[[], T]) -> T:
    """Make a call, and once more where its connection turns out to be closed, for clients that try once.

    AWS closes idle connections, and a process that Lambda froze meanwhile does not hear of it.
    """
    began = time.monotonic()
    try:
        return call()
    except ConnectionClosedError:
        if time.monotonic() - began > AT_ONCE_SECONDS:
            raise
        return call()


def error_code(error: ClientError) -> str:
    return str(error.response["Error"].get("Code", ""))


def error_message(error: ClientError) -> str:
    return str(error.response["Error"].get("Message", ""))


def foreseen(error: Exception) -> LakeloopError | None:
    """What an error of AWS means for the message that was being handled, None for other errors."""
    if isinstance(error, ClientError):
        return _answered(error)
    if isinstance(error, BotoCoreError):
        return TransientError(f"AWS did not answer: {error}")
    return None


def _answered(error: ClientError) -> LakeloopError | None:
    code, said = error_code(error), error_message(error)
    if code in DENIED_CODES:
        return NotPermittedError(
            f"{error.operation_name} is denied: {said}. Give the function's role this right, also on the key that "
            "encrypts the resource, and redrive the message"
        )
    if code in INVALID_CODES:
        return PermanentError(f"AWS takes {error.operation_name} for invalid: {said}. Mend what it names and redrive")
    if code in TRANSIENT_CODES:
        return TransientError(f"{error.operation_name} cannot be done now: {code}: {said}")
    return None
