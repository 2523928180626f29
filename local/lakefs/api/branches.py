"""Branches and tags: names for commits."""

from __future__ import annotations

from starlette.responses import Response

from lakeloop.local.lakefs import bodies, listing, refs, render, repositories, staging
from lakeloop.local.lakefs.bodies import ResetType
from lakeloop.local.lakefs.call import Call
from lakeloop.local.lakefs.errors import BadRequest, DirtyBranch, Forbidden
from lakeloop.local.lakefs.lake import Lake
from lakeloop.local.lakefs.repositories import Branch


def list_branches(lake: Lake, call: Call) -> Response:
    with lake.store.read() as db:
        repositories.get(db, call.repository)
        every = repositories.list_branches(db, call.repository, show_hidden=call.flag("show_hidden"))
    found = listing.page_of(every, lambda branch: branch.id, call.page())
    return render.page(found, [render.ref(branch.id, branch.commit_id) for branch in found.items])


def create_branch(lake: Lake, call: Call) -> Response:
    """Answers with the bare commit id as HTML, as the specification has it."""
    body = call.model(bodies.BranchCreation)
    refs.check_branch_name(body.name)
    with lake.store.write() as db:
        repositories.get(db, call.repository).check_writable(force=body.force)
        refs.check_name_is_free(db, call.repository, body.name, "tags")
        commit_id = refs.resolve(db, call.repository, body.source).commit_id
        repositories.create_branch(db, call.repository, Branch(body.name, commit_id, body.hidden))
    return Response(commit_id, 201, media_type="text/html")


def get_branch(lake: Lake, call: Call) -> Response:
    with lake.store.read() as db:
        repositories.get(db, call.repository)
        branch = repositories.get_branch(db, call.repository, call.branch)
    return render.json(render.ref(branch.id, branch.commit_id))


def delete_branch(lake: Lake, call: Call) -> Response:
    with lake.store.write() as db:
        repository = repositories.get(db, call.repository)
        repository.check_writable(force=call.flag("force"))
        repositories.get_branch(db, call.repository, call.branch)
        if call.branch == repository.default_branch:
            raise Forbidden(f"cannot delete the default branch {call.branch}")
        repositories.delete_branch(db, call.repository, call.branch)
    return render.nothing()


def reset_branch(lake: Lake, call: Call) -> Response:
    """Forget uncommitted changes: of one path, below a prefix, or all."""
    body = call.model(bodies.ResetCreation)
    if body.type is not ResetType.RESET and body.path is None:
        raise BadRequest(f"a reset of type {body.type} needs a path")
    path = body.path or ""
    with lake.store.write() as db:
        repository = repositories.get(db, call.repository)
        repository.check_writable(force=body.force)
        lake.protection.check_unprotected(repository, call.branch)
        repositories.get_branch(db, call.repository, call.branch)
        staged = list(staging.scan(db, call.repository, call.branch))
        dropped = {
            ResetType.RESET: staged,
            ResetType.OBJECT: [change for change in staged if change.path == path],
            ResetType.COMMON_PREFIX: [change for change in staged if change.path.startswith(path)],
        }
        staging.drop(db, call.repository, call.branch, dropped[body.type])
    return render.nothing()


def hard_reset_branch(lake: Lake, call: Call) -> Response:
    """Point the branch at another commit, leaving what it had behind."""
    ref = call.required("ref")
    with lake.store.write() as db:
        repository = repositories.get(db, call.repository)
        repository.check_writable(force=call.flag("force"))
        lake.protection.check_unprotected(repository, call.branch)
        repositories.get_branch(db, call.repository, call.branch)
        if not staging.is_empty(db, call.repository, call.branch):
            raise DirtyBranch
        commit_id = refs.resolve(db, call.repository, ref).commit_id
        repositories.move_branch(db, call.repository, call.branch, commit_id)
    return render.nothing()


def list_tags(lake: Lake, call: Call) -> Response:
    with lake.store.read() as db:
        repositories.get(db, call.repository)
        every = list(repositories.list_tags(db, call.repository).items())
    found = listing.page_of(every, lambda tag: tag[0], call.page())
    return render.page(found, [render.ref(name, commit_id) for name, commit_id in found.items])


def create_tag(lake: Lake, call: Call) -> Response:
    body = call.model(bodies.TagCreation)
    refs.check_tag_name(body.id)
    with lake.store.write() as db:
        repositories.get(db, call.repository).check_writable(force=body.force)
        refs.check_name_is_free(db, call.repository, body.id, "branches")
        commit_id = refs.resolve(db, call.repository, body.ref).commit_id
        repositories.create_tag(db, call.repository, body.id, commit_id)
    return render.json(render.ref(body.id, commit_id), 201)


def get_tag(lake: Lake, call: Call) -> Response:
    with lake.store.read() as db:
        repositories.get(db, call.repository)
        commit_id = repositories.get_tag(db, call.repository, call.path["tag"])
    return render.json(render.ref(call.path["tag"], commit_id))


def delete_tag(lake: Lake, call: Call) -> Response:
    with lake.store.write() as db:
        repositories.get(db, call.repository).check_writable(force=call.flag("force"))
        repositories.get_tag(db, call.repository, call.path["tag"])
        repositories.delete_tag(db, call.repository, call.path["tag"])
    return render.nothing()
