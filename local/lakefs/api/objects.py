"""Objects: their bytes and what is known of them."""

from __future__ import annotations

import sqlite3
import time
from email.utils import formatdate

from starlette.responses import RedirectResponse, Response, StreamingResponse

from lakeloop.local.lakefs import addresses, bodies, ranges, render, repositories, staging
from lakeloop.local.lakefs.call import Call
from lakeloop.local.lakefs.entries import Entry
from lakeloop.local.lakefs.errors import BadRequest, LakeFSError, PreconditionFailed, Unsupported
from lakeloop.local.lakefs.lake import Lake
from lakeloop.local.lakefs.objects import Address
from lakeloop.local.lakefs.render import JsonObject
from lakeloop.local.lakefs.repositories import Repository

_METADATA_HEADER = "x-lakefs-meta-"
_MAX_DELETED = 1000
_MAX_PATH_BYTES = 1024


def read_entry(lake: Lake, call: Call, ref: str) -> Entry:
    path = call.required("path")
    with lake.store.read() as db:
        return lake.snapshot(db, repositories.get(db, call.repository), ref).get(path)


def stage(lake: Lake, call: Call, path: str, entry: Entry | None, *, force: bool) -> None:
    """Put one change on the branch, unless it is protected, or the path is there and must not be."""
    if len(path.encode()) > _MAX_PATH_BYTES:
        raise BadRequest(f"the path has more than {_MAX_PATH_BYTES} bytes")
    with lake.store.write() as db:
        repository = repositories.get(db, call.repository)
        check_staging(lake, db, repository, call.branch, force=force)
        snapshot = lake.snapshot(db, repository, call.branch)
        if call.headers.get("if-none-match") == "*" and snapshot.find(path) is not None:
            raise PreconditionFailed(f"path {path!r} already exists")
        staging.put(db, repository.id, call.branch, path, entry)


def check_staging(lake: Lake, db: sqlite3.Connection, repository: Repository, branch: str, *, force: bool) -> None:
    repository.check_writable(force=force)
    repositories.get_branch(db, repository.id, branch)
    lake.protection.check_unprotected(repository, branch)


def check_conditions(call: Call) -> None:
    if "if-match" in call.headers:
        raise Unsupported("If-Match is not supported")
    if call.headers.get("if-none-match", "*") != "*":
        raise Unsupported("If-None-Match knows only *")


def get_object(lake: Lake, call: Call) -> Response:
    entry = read_entry(lake, call, call.path["ref"])
    address = Address.parse(entry.address)
    if call.flag("presign"):
        return RedirectResponse(lake.objects.presign_get(address), 302)
    if call.headers.get("if-none-match") == _etag(entry):
        return Response(status_code=304)
    status, headers, wanted = _describe(call, entry)
    return StreamingResponse(lake.objects.read(address, wanted), status, headers, media_type=entry.content_type)


def head_object(lake: Lake, call: Call) -> Response:
    entry = read_entry(lake, call, call.path["ref"])
    status, headers, _ = _describe(call, entry)
    return Response(status_code=status, headers=headers, media_type=entry.content_type)


def _describe(call: Call, entry: Entry) -> tuple[int, dict[str, str], tuple[int, int] | None]:
    """Status and headers of an answer with these bytes, and the range of them that is wanted."""
    wanted = ranges.parse(call.headers.get("range"), entry.size)
    first, last = wanted or (0, entry.size - 1)
    headers = {
        "ETag": _etag(entry),
        "Last-Modified": formatdate(entry.mtime, usegmt=True),
        "Accept-Ranges": "bytes",
        "Content-Disposition": f'filename="{call.required("path").rpartition("/")[2]}"',
        "Content-Length": str(last - first + 1),
    }
    if wanted is None:
        return 200, headers, None
    return 206, {**headers, "Content-Range": f"bytes {first}-{last}/{entry.size}"}, wanted


def _etag(entry: Entry) -> str:
    return f'"{entry.checksum}"'


def stat_object(lake: Lake, call: Call) -> Response:
    path = call.required("path")
    entry = read_entry(lake, call, call.path["ref"])
    presigned = lake.objects.presign_get(Address.parse(entry.address)) if call.flag("presign") else None
    with_metadata = call.flag("user_metadata", default=True)
    return render.json(render.object_stats(path, entry, presigned, with_metadata=with_metadata))


def get_underlying_properties(lake: Lake, call: Call) -> Response:
    entry = read_entry(lake, call, call.path["ref"])
    return render.json({"storage_class": lake.objects.storage_class(Address.parse(entry.address))})


def upload_object(lake: Lake, call: Call) -> Response:
    check_conditions(call)
    path, upload = call.required("path"), call.upload
    if upload is None:
        raise LakeFSError("uploadObject was called without an upload")
    force = call.flag("force")
    with lake.store.read() as db:
        # Known before the bytes travel; staging checks once more.
        repository = repositories.get(db, call.repository)
        check_staging(lake, db, repository, call.branch, force=force)
    address = addresses.new(repository)
    lake.objects.put(address, upload.file, upload.content_type)
    metadata = {
        name.removeprefix(_METADATA_HEADER): value
        for name, value in call.headers.items()
        if name.startswith(_METADATA_HEADER)
    }
    entry = Entry(str(address), upload.md5, upload.size, int(time.time()), upload.content_type, metadata)
    stage(lake, call, path, entry, force=force)
    return render.json(render.object_stats(path, entry), 201)


def delete_object(lake: Lake, call: Call) -> Response:
    """Deleting what is not there is no error."""
    _delete(lake, call, call.required("path"))
    return render.nothing()


def delete_objects(lake: Lake, call: Call) -> Response:
    errors: list[JsonObject] = []
    paths = call.model(bodies.PathList).paths
    if len(paths) > _MAX_DELETED:
        raise BadRequest(f"{len(paths)} paths are too many to delete at once: {_MAX_DELETED} at most")
    for path in paths:
        try:
            _delete(lake, call, path)
        except LakeFSError as error:
            errors.append({"path": path, "status_code": error.status, "message": str(error)})
    return render.json({"errors": errors})


def _delete(lake: Lake, call: Call, path: str) -> None:
    with lake.store.write() as db:
        repository = repositories.get(db, call.repository)
        check_staging(lake, db, repository, call.branch, force=call.flag("force"))
        if lake.snapshot(db, repository, call.branch).find(path) is not None:
            staging.put(db, repository.id, call.branch, path, None)


def copy_object(lake: Lake, call: Call) -> Response:
    body = call.model(bodies.ObjectCopyCreation)
    if body.shallow:
        raise Unsupported("shallow copy is not supported")
    target_path = call.required("dest_path")
    with lake.store.read() as db:
        repository = repositories.get(db, call.repository)
        check_staging(lake, db, repository, call.branch, force=body.force)
        source = lake.snapshot(db, repository, body.src_ref or call.branch).get(body.src_path)
    address = addresses.new(repository)
    lake.objects.copy(Address.parse(source.address), address)
    entry = Entry(str(address), source.checksum, source.size, int(time.time()), source.content_type, source.metadata)
    stage(lake, call, target_path, entry, force=body.force)
    return render.json(render.object_stats(target_path, entry), 201)


def update_user_metadata(lake: Lake, call: Call) -> Response:
    path = call.required("path")
    body = call.model(bodies.UpdateObjectUserMetadata)
    entry = read_entry(lake, call, call.branch)
    updated = Entry(entry.address, entry.checksum, entry.size, int(time.time()), entry.content_type, body.set)
    stage(lake, call, path, updated, force=False)
    return Response(status_code=204)
