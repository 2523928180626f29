"""Open connections, so that a fault can cut one. ASGI itself has no way to close a connection unanswered."""

from __future__ import annotations

import asyncio

from starlette.types import Receive, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_OPEN: dict[tuple[str, int], asyncio.Transport] = {}


class Dropped(Exception):  # noqa: N818 - an outcome, not an error
    """The connection is gone; there is nobody left to answer."""


class TrackedProtocol(H11Protocol):
    """Uvicorn's HTTP protocol, findable by the address of its client."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client is not None:
            _OPEN[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client is not None:
            _OPEN.pop(self.client, None)
        super().connection_lost(exc)


async def drop(scope: Scope, receive: Receive) -> None:
    """Cut the connection of this request; always raises."""
    _OPEN[tuple(scope["client"])].abort()
    while (await receive())["type"] != "http.disconnect":
        pass
    raise Dropped
