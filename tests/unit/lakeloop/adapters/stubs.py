"""Clients that answer what a test wrote down, once and in order, and refuse every other request."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.stub import Stubber

REGION = "us-east-1"
ARN = "arn:aws:sagemaker:us-east-1:000000000000"


@dataclass
class Stub:
    """A client of one service; requests are compared whole."""

    client: Any
    stubber: Stubber = field(init=False)

    def __post_init__(self) -> None:
        self.stubber = Stubber(self.client)
        self.stubber.activate()

    def answers(self, operation: str, answer: dict[str, Any], **request: object) -> "Stub":
        self.stubber.add_response(operation, answer, request)
        return self

    def refuses(
        self,
        operation: str,
        code: str,
        message: str = "",
        status: int = 400,
        request: Mapping[str, object] | None = None,
    ) -> "Stub":
        expected = dict(request) if request else None
        self.stubber.add_client_error(operation, code, message, http_status_code=status, expected_params=expected)
        return self

    def tags(self, arn: str, **tags: str) -> "Stub":
        listed = [{"Key": f"lakeloop:{key.replace('_', '-')}", "Value": value} for key, value in tags.items()]
        return self.answers("list_tags", {"Tags": listed}, ResourceArn=arn)


@contextmanager
def stubbed(service: str) -> Iterator[Stub]:
    """Everything that was written down must have been asked for in the end."""
    client: Any = boto3.client(
        service,  # type: ignore[call-overload]
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    stub = Stub(client)
    yield stub
    stub.stubber.assert_no_pending_responses()
