"""From HTTP to operations and back: who calls, which fault strikes, what went wrong."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from lakeloop.local.lakefs import connections, operations, uploads
from lakeloop.local.lakefs.auth import User
from lakeloop.local.lakefs.call import Call
from lakeloop.local.lakefs.connections import Dropped
from lakeloop.local.lakefs.errors import BadRequest, InjectedError, LakeFSError
from lakeloop.local.lakefs.faults import ANY_OPERATION, Effect, Fault, Faults, When
from lakeloop.local.lakefs.lake import Lake
from lakeloop.local.lakefs.operations import Operation

_LOG = logging.getLogger("lakefs")
_API = "/api/v1"
_THREADS = 16
_NOBODY = User("", 0)


@asynccontextmanager
async def _few_threads(_: Starlette) -> AsyncIterator[None]:
    """Each thread that serves keeps a connection to SQLite and its caches; more of them only wait for each other."""
    anyio.to_thread.current_default_thread_limiter().total_tokens = _THREADS
    yield


def build(lake: Lake) -> Starlette:
    faults = Faults()
    every = (*operations.SERVED, *operations.refused())
    return Starlette(
        routes=[
            Route("/_health", _health),
            Route("/_control/faults", _FaultControl(lake, faults), methods=["GET", "POST", "DELETE"]),
            *(_route(operation, _Endpoint(lake, faults, operation)) for operation in every),
        ],
        lifespan=_few_threads,
        exception_handlers={HTTPException: _no_such_operation, Exception: _broken},
    )


def _route(operation: Operation, endpoint: ASGIApp) -> Route:
    route = Route(_API + operation.path, endpoint, methods=[operation.method])
    # Starlette lets GET answer HEAD as well, but getObject and headObject are two operations.
    route.methods = {operation.method}
    return route


async def _health(request: Request) -> Response:
    return PlainTextResponse("alive")


async def _no_such_operation(request: Request, error: Exception) -> Response:
    message = f"lakeFS has no operation {request.method} {request.url.path}"
    _LOG.error(message)
    return JSONResponse({"message": message}, error.status_code if isinstance(error, HTTPException) else 404)


async def _broken(request: Request, error: Exception) -> Response:
    return JSONResponse({"message": f"{type(error).__name__}: {error}"}, 500)


class _Endpoint:
    """Serves one operation."""

    def __init__(self, lake: Lake, faults: Faults, operation: Operation) -> None:
        self._lake = lake
        self._faults = faults
        self._operation = operation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        started = time.perf_counter()
        try:
            answer = await self._answer(request)
        except Dropped:
            _LOG.info("%s: connection dropped", self._operation.id)
            return
        milliseconds = (time.perf_counter() - started) * 1000
        _LOG.info("%s %s: %d in %.1f ms", self._operation.id, request.url.path, answer.status_code, milliseconds)
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        fault = self._faults.strike(self._operation.id)
        try:
            if fault and fault.when is When.BEFORE:
                await _strike(fault, request)
            answer = await self._perform(request)
            if fault and fault.when is When.AFTER:
                await _strike(fault, request)
        except LakeFSError as error:
            return JSONResponse(error.body(), error.status, error.headers())
        return answer

    async def _perform(self, request: Request) -> Response:
        operation, lake = self._operation, self._lake
        user = _NOBODY if operation.public else lake.accounts.authenticate(request.headers.get("authorization"))
        path, query, headers = request.path_params, request.query_params, request.headers
        if operation.upload:
            async with uploads.receive(request) as upload:
                return await run_in_threadpool(operation.handler, lake, Call(user, path, query, headers, upload=upload))
        call = Call(user, path, query, headers, await request.body())
        return await run_in_threadpool(operation.handler, lake, call)


async def _strike(fault: Fault, request: Request) -> None:
    _LOG.warning("fault: %s", fault)
    if fault.effect is Effect.HANG:
        await asyncio.sleep(fault.seconds)
    elif fault.effect is Effect.DROP:
        await connections.drop(request.scope, request.receive)
    else:
        raise InjectedError(fault.status, fault.message)


class _FaultControl:
    """Arms, lists and disarms faults, for whoever has the keys."""

    def __init__(self, lake: Lake, faults: Faults) -> None:
        self._lake = lake
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._answer(Request(scope, receive))
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        try:
            self._lake.accounts.authenticate(request.headers.get("authorization"))
            if request.method == "POST":
                self._faults.arm(_parse_fault(await request.body()))
            elif request.method == "DELETE":
                self._faults.disarm_all()
        except LakeFSError as error:
            return JSONResponse(error.body(), error.status, error.headers())
        return JSONResponse([fault.model_dump(mode="json") for fault in self._faults.armed()])


def _parse_fault(body: bytes) -> Fault:
    try:
        fault = Fault.model_validate_json(body)
    except ValidationError as error:
        raise BadRequest(f"not a fault: {error}") from error
    known = {operation.id for operation in operations.SERVED} | {ANY_OPERATION}
    if fault.operation not in known:
        raise BadRequest(f"not a fault: there is no operation {fault.operation!r}")
    return fault
