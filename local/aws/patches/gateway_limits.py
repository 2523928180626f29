"""What a function cannot take, API Gateway answers as it does on AWS: through its own gateway responses.

Gaps in ministack: a body above API Gateway's 10 MB or Lambda's 6 MB reaches the function; a function at its
concurrency is answered with a 429 and a body of the emulator's own, where API Gateway makes of Lambda's 429 its
INTEGRATION_FAILURE, and a bare 500 where nobody customised that.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

import json
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

MODULE = "ministack.services.apigateway_v1"
PROXY = PrivateName(MODULE, "_invoke_lambda_proxy_v1")
CALL = PrivateName(MODULE, "_call_lambda_raw", ("function_ref", "event", "account_id", "region"))
RESPOND = PrivateName(MODULE, "_gateway_error_response", ("error", "request"))
ERROR = PrivateName(MODULE, "_gw_error", ("response_type", "message"))
TOUCHES = (PROXY, CALL, RESPOND, ERROR)

MOST_BODY_BYTES = 10 * 1024 * 1024
MOST_EVENT_BYTES = 6 * 1024 * 1024
# Answered with this status where the API does not customise the response.
PLAIN_STATUS = "lakeloop_plain_status"
# ministack's own default for INTEGRATION_FAILURE, right for a backend that cannot be reached.
UNREACHABLE_STATUS = 504

in_proxy: ContextVar[bool] = ContextVar("in_proxy", default=False)


class Refused(Exception):  # noqa: N818 - carries an answer, is no error of ours
    """Ends the call of a function with a gateway response."""

    def __init__(self, error: Any) -> None:  # noqa: ANN401 - ministack's _GatewayError
        super().__init__(error.response_type)
        self.error = error


def apply(settings: Settings) -> None:
    CALL.wrap(with_limits)
    PROXY.wrap(answered_by_the_gateway)
    RESPOND.wrap(with_plain_status)


def with_limits(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def call(function_ref: str, event: dict[str, Any], **scope: object) -> Any:  # noqa: ANN401
        if not in_proxy.get():
            return await original(function_ref, event, **scope)
        if len(event.get("body") or "") > MOST_BODY_BYTES:
            raise too_large(f"HTTP content length exceeded {MOST_BODY_BYTES} bytes.")
        if len(json.dumps(event, ensure_ascii=False).encode()) > MOST_EVENT_BYTES:
            raise too_large("Request Too Long")
        result, problem = await original(function_ref, event, **scope)
        if result and result.get("throttle"):
            error = ERROR.get()("INTEGRATION_FAILURE", "Internal server error")
            setattr(error, PLAIN_STATUS, 500)
            raise Refused(error)
        return result, problem

    return call


def too_large(message: str) -> Refused:
    return Refused(ERROR.get()("REQUEST_TOO_LARGE", message))


def answered_by_the_gateway(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def invoke(*arguments: object, **options: object) -> Any:  # noqa: ANN401 - an answer of ministack's
        token = in_proxy.set(True)
        try:
            return await original(*arguments, **options)
        except Refused as refused:
            return refused.error
        finally:
            in_proxy.reset(token)

    return invoke


def with_plain_status(original: Callable[..., Any]) -> Callable[..., Any]:
    def respond(error: Any, request: Any) -> Any:  # noqa: ANN401 - ministack's
        status, headers, body = original(error, request)
        plain = getattr(error, PLAIN_STATUS, None)
        return (plain if plain and status == UNREACHABLE_STATUS else status), headers, body

    return respond
