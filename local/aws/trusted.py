"""Paths of the emulator for the local cloud's own parts, who know a token that the supervisor made."""

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

from lakeloop.local.aws import tenant
from lakeloop.local.aws.private import PrivateName

TOKEN_HEADER = b"x-lakeloop-token"
APPLICATION = PrivateName("ministack.app", "app", ("scope", "receive", "send"))

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Answer = Callable[[Any], tuple[int, bytes]]
"""From the JSON of a request to the status and the JSON of its answer."""


def serve(path: str, expected_token: str, answer: Answer) -> None:
    """Answer a path of the emulator, whatever it would do with it."""

    def wrapper(original: Callable[[Scope, Receive, Send], Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["path"] != path:
                await original(scope, receive, send)
                return
            body = await read_body(receive)
            if is_trusted(expected_token, scope):
                status, said = answered(answer, body)
            else:
                status, said = 403, message(f"{path} is for the local cloud's own parts")
            await respond(send, status, said)

        return application

    APPLICATION.wrap(wrapper)


def answered(answer: Answer, body: bytes) -> tuple[int, bytes]:
    try:
        request = json.loads(body)
    except ValueError as error:
        return 400, message(f"the body is not JSON: {error}")
    tenant.enter()
    return answer(request)


def message(text: str) -> bytes:
    return json.dumps({"message": text}).encode()


def is_trusted(expected_token: str, scope: Scope) -> bool:
    token = dict(scope["headers"]).get(TOKEN_HEADER, b"")
    return bool(expected_token) and hmac.compare_digest(token, expected_token.encode())


async def read_body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        received = await receive()
        body += received.get("body", b"")
        if not received.get("more_body"):
            return bytes(body)


async def respond(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
