"""Objects whose bytes the client writes to S3 itself: where to, and the linking afterwards."""

from __future__ import annotations

import time

from starlette.responses import Response

from lakeloop.local.lakefs import bodies, render, repositories
from lakeloop.local.lakefs.api.objects import check_conditions, stage
from lakeloop.local.lakefs.call import Call
from lakeloop.local.lakefs.entries import DEFAULT_CONTENT_TYPE, Entry
from lakeloop.local.lakefs.errors import BadRequest
from lakeloop.local.lakefs.lake import Lake
from lakeloop.local.lakefs.objects import Address
from lakeloop.local.lakefs.render import JsonObject

_MAX_PARTS = 10_000


def get_physical_address(lake: Lake, call: Call) -> Response:
    address = _sign_address(lake, call)
    location: JsonObject = {"physical_address": str(address)}
    if call.flag("presign"):
        location["presigned_url"] = lake.objects.presign_put(address)
        location["presigned_url_expiry"] = render.presigned_until()
    return render.json(location)


def link_physical_address(lake: Lake, call: Call) -> Response:
    """Take the client's word for size and checksum: the object itself is not looked at, as on the real server."""
    check_conditions(call)
    path = call.required("path")
    body = call.model(bodies.StagingMetadata)
    address = _check_address(lake, call, body.staging.physical_address)
    checksum = body.checksum.strip('"')
    if not checksum:
        raise BadRequest("checksum is required")
    entry = Entry(
        str(address),
        checksum,
        body.size_bytes,
        int(time.time()) if body.mtime is None else body.mtime,
        body.content_type or DEFAULT_CONTENT_TYPE,
        body.user_metadata or {},
    )
    stage(lake, call, path, entry, force=body.force)
    return render.json(render.object_stats(path, entry))


def stage_object(lake: Lake, call: Call) -> Response:
    """Register an object that lies somewhere already, without any proof."""
    path = call.required("path")
    body = call.model(bodies.ObjectStageCreation)
    entry = Entry(
        str(Address.parse(body.physical_address)),
        body.checksum,
        body.size_bytes,
        int(time.time()) if body.mtime is None else body.mtime,
        body.content_type,
        body.metadata or {},
    )
    stage(lake, call, path, entry, force=body.force)
    return render.json(render.object_stats(path, entry), 201)


def create_multipart(lake: Lake, call: Call) -> Response:
    parts = _parts(call)
    address = _sign_address(lake, call)
    upload_id = lake.objects.start_multipart(address)
    urls = [lake.objects.presign_part(address, upload_id, number) for number in range(1, parts + 1)]
    location: JsonObject = {"upload_id": upload_id, "physical_address": str(address), "presigned_urls": urls}
    return render.json(location, 201)


def upload_part(lake: Lake, call: Call) -> Response:
    body = call.model(bodies.UploadPartFrom)
    address = _check_address(lake, call, body.physical_address)
    number = call.path["partNumber"]
    if not number.isdecimal() or not 1 <= int(number) <= _MAX_PARTS:
        raise BadRequest(f"part number must be from 1 to {_MAX_PARTS}, not {number!r}")
    url = lake.objects.presign_part(address, call.path["uploadId"], int(number))
    return render.json({"presigned_url": url})


def complete_multipart(lake: Lake, call: Call) -> Response:
    path = call.required("path")
    body = call.model(bodies.CompletePresignMultipartUpload)
    address = _check_address(lake, call, body.physical_address)
    parts = [(part.part_number, part.etag) for part in body.parts]
    checksum, size = lake.objects.complete_multipart(address, call.path["uploadId"], parts)
    content_type = body.content_type or DEFAULT_CONTENT_TYPE
    entry = Entry(str(address), checksum, size, int(time.time()), content_type, body.user_metadata or {})
    stage(lake, call, path, entry, force=False)
    return render.json(render.object_stats(path, entry))


def abort_multipart(lake: Lake, call: Call) -> Response:
    body = call.model(bodies.AbortPresignMultipartUpload)
    address = _check_address(lake, call, body.physical_address)
    lake.objects.abort_multipart(address, call.path["uploadId"])
    return render.nothing()


def _sign_address(lake: Lake, call: Call) -> Address:
    path = call.required("path")
    with lake.store.read() as db:
        repository = repositories.get(db, call.repository)
    return lake.signer.new(repository, call.branch, path)


def _check_address(lake: Lake, call: Call, text: str) -> Address:
    path = call.required("path")
    address = Address.parse(text)
    with lake.store.read() as db:
        repository = repositories.get(db, call.repository)
    lake.signer.check(repository, call.branch, path, address)
    return address


def _parts(call: Call) -> int:
    text = call.query.get("parts", "0")
    if not text.isdecimal() or int(text) > _MAX_PARTS:
        raise BadRequest(f"query parameter 'parts' must be from 0 to {_MAX_PARTS}, not {text!r}")
    return int(text)
