"""Repositories, their metadata and the protection of their branches."""

from __future__ import annotations

import hashlib
import time

from pydantic import TypeAdapter, ValidationError
from starlette.responses import JSONResponse, Response

from lakeloop.local.lakefs import bodies, listing, refs, render, repositories
from lakeloop.local.lakefs.bodies import BranchProtectionRule
from lakeloop.local.lakefs.call import Call
from lakeloop.local.lakefs.errors import AlreadyExists, BadRequest, LakeFSError, PreconditionFailed, Unsupported
from lakeloop.local.lakefs.lake import Lake
from lakeloop.local.lakefs.objects import Address
from lakeloop.local.lakefs.repositories import Repository

_RULES = TypeAdapter(list[BranchProtectionRule])
# Left behind in every storage namespace, so that no second repository mixes its objects with the first one's.
_MARKER = "_lakefs/dummy"
_MARKER_TEXT = b"This storage namespace belongs to a lakeFS repository.\n"


def list_repositories(lake: Lake, call: Call) -> Response:
    with lake.store.read() as db:
        every = repositories.list_all(db)
    search = call.query.get("search", "")
    found = listing.page_of([r for r in every if search in r.id], lambda r: r.id, call.page())
    return render.page(found, [render.repository(repository) for repository in found.items])


def create_repository(lake: Lake, call: Call) -> Response:
    body = call.model(bodies.RepositoryCreation)
    refs.check_repository_name(body.name)
    refs.check_branch_name(body.default_branch)
    if call.flag("bare"):
        raise Unsupported("createRepository: the local stand-in makes no bare repositories")
    with lake.store.read() as db:
        if repositories.find(db, body.name) or lake.deleted.find(body.name):
            raise AlreadyExists("error creating repository: not unique")
    if body.storage_id:
        raise BadRequest(f"storage id {body.storage_id} is unknown: this server has one storage, without an id")
    if body.sample_data:
        raise Unsupported("createRepository: the local stand-in has no sample data")
    _claim_namespace(lake, body.storage_namespace)
    with lake.store.write() as db:
        if repositories.find(db, body.name):
            raise AlreadyExists("error creating repository: not unique")
        repository = repositories.create(
            db,
            body.name,
            body.storage_namespace,
            body.default_branch,
            read_only=body.read_only,
            now=int(time.time()),
        )
    return render.json(render.repository(repository), 201)


def _claim_namespace(lake: Lake, namespace: str) -> None:
    marker = Address.parse(namespace.rstrip("/") + "/" + _MARKER)
    if lake.objects.exists(marker):
        raise BadRequest(f"failed to create repository: found lakeFS objects in the storage namespace: {marker}")
    try:
        lake.objects.put(marker, _MARKER_TEXT, "text/plain")
    except LakeFSError as error:
        raise BadRequest(f"failed to create repository: failed to access storage: {error}") from error


def get_repository(lake: Lake, call: Call) -> Response:
    return render.json(render.repository(lake.deleted.find(call.repository) or _get(lake, call)))


def delete_repository(lake: Lake, call: Call) -> Response:
    """The objects stay in S3, and so does the marker: the namespace cannot be used again."""
    with lake.store.write() as db:
        repository = repositories.get(db, call.repository)
        repository.check_writable(force=call.flag("force"))
        repositories.delete(db, call.repository)
    lake.deleted.add(repository)
    return render.nothing()


def get_metadata(lake: Lake, call: Call) -> Response:
    return render.json(dict(_get(lake, call).metadata))


def set_metadata(lake: Lake, call: Call) -> Response:
    body = call.model(bodies.RepositoryMetadataSet)
    with lake.store.write() as db:
        known = repositories.get(db, call.repository).metadata
        repositories.set_metadata(db, call.repository, {**known, **body.metadata})
    return render.nothing()


def delete_metadata(lake: Lake, call: Call) -> Response:
    body = call.model(bodies.RepositoryMetadataKeys)
    with lake.store.write() as db:
        known = repositories.get(db, call.repository).metadata
        kept = {key: value for key, value in known.items() if key not in body.keys}
        repositories.set_metadata(db, call.repository, kept)
    return render.nothing()


def get_protection(lake: Lake, call: Call) -> Response:
    repository = _get(lake, call)
    rules = [{"pattern": pattern} for pattern in repository.protected]
    return JSONResponse(rules, headers={"ETag": _etag(repository)})


def set_protection(lake: Lake, call: Call) -> Response:
    try:
        rules = _RULES.validate_json(call.body)
    except ValidationError as error:
        raise BadRequest(f"branch protection rules are not valid: {error}") from error
    with lake.store.write() as db:
        repository = repositories.get(db, call.repository)
        repository.check_writable(force=False)
        expected = call.headers.get("if-match")
        if expected == "":
            raise BadRequest("If-Match is empty")
        if expected is not None and expected != _etag(repository):
            raise PreconditionFailed("the branch protection rules have changed meanwhile")
        repositories.set_protected(db, call.repository, [rule.pattern for rule in rules])
    return render.nothing()


def _etag(repository: Repository) -> str:
    return hashlib.sha256("\n".join(repository.protected).encode()).hexdigest() if repository.protected else ""


def _get(lake: Lake, call: Call) -> Repository:
    with lake.store.read() as db:
        return repositories.get(db, call.repository)
