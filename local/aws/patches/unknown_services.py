"""A call to a service that ministack does not have fails at once, and says so in a form that clients can read.

Gap in ministack: the first such call loads the whole botocore catalogue on the event loop (4 s, 400 MB for good), and
the answer `{"error": ...}` reaches boto3 users as an error without a message.
"""

import json
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

IS_SERVICE_NAME = PrivateName("ministack.core.router", "_is_aws_service_name", ("scope_name",))
DISPATCH = PrivateName(
    "ministack.app",
    "_dispatch_service_request",
    ("method", "path", "headers", "body", "query_params", "request_id"),
)
TOUCHES = (IS_SERVICE_NAME, DISPATCH)

CODE = "UnknownOperationException"
Response = tuple[int, dict[str, str], Any]


def apply(settings: Settings) -> None:
    # Asked only about scopes that matched no service of ministack's; every signed scope names some AWS service.
    IS_SERVICE_NAME.replace(bool)

    def wrapper(original: Callable[..., Any]) -> Callable[..., Any]:
        async def dispatch(method: str, path: str, headers: dict[str, str], *rest: object) -> Response:
            response: Response = await original(method, path, headers, *rest)
            service = unsupported_service(response)
            return refusal(service, headers.get("content-type", "")) if service else response

        return dispatch

    DISPATCH.wrap(wrapper)


def unsupported_service(response: Response) -> str:
    """The service that ministack says it does not have, or an empty string for any other answer."""
    status, _, body = response
    marker = b'{"error": "Unsupported service: '
    if status != 400 or not isinstance(body, bytes) or not body.startswith(marker):
        return ""
    return body.removeprefix(marker).removesuffix(b'"}').decode()


def refusal(service: str, content_type: str) -> Response:
    message = f"The local cloud has no service '{service}'"
    if service.startswith("sagemaker"):
        message += " at this endpoint; AWS_ENDPOINT_URL_SAGEMAKER and AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME name it"
    if "x-www-form-urlencoded" in content_type:
        error = f"<Error><Type>Sender</Type><Code>{CODE}</Code><Message>{escape(message)}</Message></Error>"
        return 400, {"Content-Type": "text/xml"}, f"<ErrorResponse>{error}</ErrorResponse>".encode()
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": CODE}
    return 400, headers, json.dumps({"__type": CODE, "message": message}).encode()
