"""`POST /_lakeloop/events`: the way for the local SageMaker to emit `source: aws.sagemaker` events.

Gap in ministack: none, it refuses clients that emit `aws.*` events, as AWS does. But AWS's own services may, and the
local SageMaker stands for one. It knows a token that the supervisor made; clients keep being refused.
"""

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

from lakeloop.local.aws import tenant
from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

PATH = "/_lakeloop/events"
TOKEN_HEADER = b"x-lakeloop-token"

PUT_EVENTS = PrivateName("ministack.services.eventbridge", "_put_events", ("data", "allow_aws_source"))
APPLICATION = PrivateName("ministack.app", "app", ("scope", "receive", "send"))
TOUCHES = (PUT_EVENTS, APPLICATION)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


def apply(settings: Settings) -> None:
    def wrapper(original: Callable[[Scope, Receive, Send], Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["path"] != PATH:
                await original(scope, receive, send)
                return
            status, answer = emit(settings.events_token, scope, await read_body(receive))
            await respond(send, status, answer)

        return application

    APPLICATION.wrap(wrapper)


def emit(expected_token: str, scope: Scope, body: bytes) -> tuple[int, bytes]:
    """PutEvents with trust, for who knows the token."""
    if not is_trusted(expected_token, scope):
        return 403, json.dumps({"message": f"{PATH} is for the local cloud's own parts"}).encode()
    try:
        entries = json.loads(body)
    except ValueError as error:
        return 400, json.dumps({"message": f"the body is not JSON: {error}"}).encode()
    tenant.enter()
    status, _, answer = PUT_EVENTS.get()(entries, allow_aws_source=True)
    return int(status), answer if isinstance(answer, bytes) else str(answer).encode()


def is_trusted(expected_token: str, scope: Scope) -> bool:
    token = dict(scope["headers"]).get(TOKEN_HEADER, b"")
    return bool(expected_token) and hmac.compare_digest(token, expected_token.encode())


async def read_body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


async def respond(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
