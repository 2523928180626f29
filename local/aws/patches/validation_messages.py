"""A gateway response can say what is wrong with a request: `$context.error.validationErrorString`.

Gap in ministack: it checks requests against their model, but leaves that variable in the answer as it stands.
"""

import json
from collections.abc import Callable
from typing import Any

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.schema_errors import validation_message
from lakeloop.local.aws.settings import Settings

MODULE = "ministack.services.apigateway_v1"
CHECK = PrivateName(
    MODULE, "_check_request_validation", ("method_obj", "api_id", "request", "headers", "body", "query_params")
)
RESPOND = PrivateName(MODULE, "_gateway_error_response", ("error", "request"))
SCHEMA = PrivateName(MODULE, "_model_schema", ("api_id", "model_name"))
TOUCHES = (CHECK, RESPOND, SCHEMA)

VARIABLES = (b"${context.error.validationErrorString}", b"$context.error.validationErrorString")
# Set on ministack's error, which carries a message only.
DETAIL = "lakeloop_detail"

Response = tuple[int, dict[str, str], bytes]


def apply(settings: Settings) -> None:
    CHECK.wrap(with_detail)
    RESPOND.wrap(with_detail_rendered)


def with_detail(original: Callable[..., Any]) -> Callable[..., Any]:
    def check(method: dict[str, Any], api_id: str, request: Any, headers: Any, body: bytes, *rest: object) -> Any:  # noqa: ANN401
        error = original(method, api_id, request, headers, body, *rest)
        if error is not None:
            told = error.response_type == "BAD_REQUEST_BODY"
            setattr(error, DETAIL, detail_of_body(method, api_id, body) if told else error.message)
        return error

    return check


def detail_of_body(method: dict[str, Any], api_id: str, body: bytes) -> str:
    schema = SCHEMA.get()(api_id, (method.get("requestModels") or {}).get("application/json"))
    try:
        document = json.loads(body)
    except ValueError:
        return "[the body is not JSON]"
    return validation_message(schema or {}, document)


def with_detail_rendered(original: Callable[..., Response]) -> Callable[..., Response]:
    def respond(error: Any, request: Any) -> Response:  # noqa: ANN401
        status, headers, body = original(error, request)
        for variable in VARIABLES:
            body = body.replace(variable, getattr(error, DETAIL, "").encode())
        return status, headers, body

    return respond
