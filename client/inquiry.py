"""Asking parts that may be dead: what they say, and once for each what is wrong with it."""

from collections.abc import Callable
from typing import TypeVar

import urllib3.exceptions
from botocore.exceptions import BotoCoreError, ClientError
from lakefs_sdk.exceptions import ApiException

from lakeloop.adapters.aws import error_code, error_message
from lakeloop.errors import LakeloopError

T = TypeVar("T")

NO_ANSWER = (BotoCoreError, ClientError, ApiException, LakeloopError, urllib3.exceptions.HTTPError)

LAKEFS, SAGEMAKER, S3, SQS = "lakeFS", "SageMaker", "S3", "SQS"


class Inquiry:
    """Questions to parts by name; one that did not answer is not waited for a second time."""

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}

    def ask(self, part: str, question: Callable[[], T]) -> T | None:
        """The answer; None when the part has none, and `problems` then says why."""
        if part in self.problems:
            return None
        try:
            return question()
        except NO_ANSWER as error:
            self.problems[part] = why(error)
            return None


def why(error: Exception) -> str:
    """Why a part gave no answer, in a line."""
    if isinstance(error, ClientError):
        return f"refused {error.operation_name}: {error_code(error)}: {error_message(error)}"
    if isinstance(error, ApiException):
        return f"answered {error.status} {error.reason}"
    return f"does not answer: {str(error).partition(chr(10))[0]}"
