"""An object's bytes from a request: the one part `content` of a form, or the body as it is, chunked or not."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request

from lakeloop.local.lakefs.call import Upload
from lakeloop.local.lakefs.entries import DEFAULT_CONTENT_TYPE
from lakeloop.local.lakefs.errors import BadRequest

_SPOOLED_BYTES = 8 * 1024 * 1024
_CHUNK_BYTES = 1024 * 1024


@asynccontextmanager
async def receive(request: Request) -> AsyncIterator[Upload]:
    """The upload, in memory or on disk by size, until the block ends."""
    content_type = request.headers.get("content-type", DEFAULT_CONTENT_TYPE)
    if content_type.startswith("multipart/form-data"):
        async with request.form() as form:
            part = form.get("content")
            if not isinstance(part, UploadFile):
                raise BadRequest("the form has no file named 'content'")
            yield await run_in_threadpool(_describe, part.file, part.content_type or DEFAULT_CONTENT_TYPE)
    else:
        with tempfile.SpooledTemporaryFile(_SPOOLED_BYTES) as file:
            async for chunk in request.stream():
                file.write(chunk)
            yield await run_in_threadpool(_describe, file, content_type)


def _describe(file: IO[bytes], content_type: str) -> Upload:
    file.seek(0)
    digest = hashlib.md5(usedforsecurity=False)
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    size = file.tell()
    file.seek(0)
    return Upload(file, size, digest.hexdigest(), content_type)
