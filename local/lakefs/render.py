"""Answers in the published shapes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TypeAlias, TypeVar

from starlette.responses import JSONResponse, Response

from lakeloop.local.lakefs.commits import Commit
from lakeloop.local.lakefs.entries import Entry
from lakeloop.local.lakefs.listing import Page
from lakeloop.local.lakefs.objects import PRESIGNED_SECONDS
from lakeloop.local.lakefs.repositories import Repository

Json: TypeAlias = "str | int | bool | Sequence[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = dict[str, Json]

T = TypeVar("T")


def json(value: Json, status: int = 200) -> Response:
    return JSONResponse(value, status)


def nothing() -> Response:
    return Response(status_code=204)


def page(page: Page[T], results: Sequence[JsonObject]) -> Response:
    return json({"pagination": dict(page.pagination()), "results": results})


def repository(repository: Repository) -> JsonObject:
    return {
        "id": repository.id,
        "storage_id": "",
        "storage_namespace": repository.storage_namespace,
        "default_branch": repository.default_branch,
        "creation_date": repository.creation_date,
        "read_only": repository.read_only,
    }


def ref(name: str, commit_id: str) -> JsonObject:
    return {"id": name, "commit_id": commit_id}


def commit(commit: Commit) -> JsonObject:
    return {
        "id": commit.id,
        "parents": commit.parents,
        "committer": commit.committer,
        "message": commit.message,
        "creation_date": commit.creation_date,
        "meta_range_id": commit.tree,
        "metadata": dict(commit.metadata),
        "generation": commit.generation,
        "version": 1,
    }


def object_stats(path: str, entry: Entry, presigned: str | None = None, *, with_metadata: bool = True) -> JsonObject:
    stats: JsonObject = {
        "path": path,
        "path_type": "object",
        "physical_address": presigned or entry.address,
        "checksum": entry.checksum,
        "size_bytes": entry.size,
        "mtime": entry.mtime,
        "content_type": entry.content_type,
    }
    if presigned:
        stats["physical_address_expiry"] = presigned_until()
    if with_metadata:
        stats["metadata"] = dict(entry.metadata)
    return stats


def common_prefix(prefix: str) -> JsonObject:
    """A group in a listing; the specification demands the members of an object of it, too."""
    return {"path": prefix, "path_type": "common_prefix", "physical_address": "", "checksum": "", "mtime": 0}


def presigned_until() -> int:
    return int(time.time()) + PRESIGNED_SECONDS
