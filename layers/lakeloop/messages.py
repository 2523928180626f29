"""The messages between the functions, and how they are read from an SQS delivery."""

import json
from dataclasses import dataclass
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from lakeloop.errors import MalformedMessageError


class DataCommitted(BaseModel):
    """New rows are on main: a wake-up, not the data. The reader looks at main itself, so order does not matter."""

    model_config = ConfigDict(frozen=True)

    dataset: str
    repository: str
    commit: str
    rows_committed: int
    correlation_id: str

    @classmethod
    def parse(cls, body: str) -> Self:
        try:
            return cls.model_validate_json(unwrapped(body))
        except ValidationError as error:
            raise MalformedMessageError(f"not a data-committed message: {error}") from error


@dataclass(frozen=True)
class Message:
    """One SQS message as Lambda delivers it; `attempts` counts this delivery."""

    id: str
    body: str
    attempts: int
    receipt_handle: str
    queue_arn: str

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Self:
        return cls(
            id=record["messageId"],
            body=record["body"],
            attempts=int(record["attributes"]["ApproximateReceiveCount"]),
            receipt_handle=record["receiptHandle"],
            queue_arn=record["eventSourceARN"],
        )


def unwrapped(body: str) -> str:
    """The inner message of an SNS notification, or the body itself where raw delivery left it alone."""
    try:
        outer = json.loads(body)
    except json.JSONDecodeError as error:
        raise MalformedMessageError(f"the message is not JSON: {error}") from error
    if isinstance(outer, dict) and outer.get("Type") == "Notification" and "Message" in outer:
        return str(outer["Message"])
    return body
