"""Commits: making, undoing, merging and reading them."""

from __future__ import annotations

import math
import re
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from functools import partial

from starlette.responses import Response

from lakeloop.local.lakefs import bodies, commits, listing, refs, render, repositories, updates
from lakeloop.local.lakefs.bodies import CommitOverrides
from lakeloop.local.lakefs.call import Call
from lakeloop.local.lakefs.commits import Commit, LoadCommit
from lakeloop.local.lakefs.entries import same
from lakeloop.local.lakefs.errors import BadRequest, Unsupported
from lakeloop.local.lakefs.lake import Lake
from lakeloop.local.lakefs.merge import Strategy
from lakeloop.local.lakefs.repositories import Repository
from lakeloop.local.lakefs.trees import EMPTY_TREE, Trees
from lakeloop.local.lakefs.updates import Say

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def commit(lake: Lake, call: Call) -> Response:
    if "source_metarange" in call.query:
        raise Unsupported("commit: the local stand-in commits no source_metarange")
    body = call.model(bodies.CommitCreation)
    say = Say(call.user.name, body.message, body.metadata or {}, body.date, body.allow_empty, body.force)
    return render.json(render.commit(updates.commit(lake, call.repository, call.branch, say)), 201)


def merge_into_branch(lake: Lake, call: Call) -> Response:
    body = call.model(bodies.Merge)
    say = Say(call.user.name, body.message or "", body.metadata or {}, allow_empty=body.allow_empty, force=body.force)
    merged = updates.merge_into(
        lake,
        call.repository,
        call.path["sourceRef"],
        call.path["destinationBranch"],
        say=say,
        strategy=body.strategy or Strategy.NONE,
        squash=body.squash_merge,
    )
    return render.json({"reference": merged.id})


def revert_branch(lake: Lake, call: Call) -> Response:
    body = call.model(bodies.RevertCreation)
    say = _say(call, body.commit_overrides, allow_empty=body.allow_empty, force=body.force)
    updates.revert(lake, call.repository, call.branch, body.ref, parent_number=body.parent_number, say=say)
    return render.nothing()


def cherry_pick(lake: Lake, call: Call) -> Response:
    body = call.model(bodies.CherryPickCreation)
    say = _say(call, body.commit_overrides, allow_empty=False, force=body.force)
    number = body.parent_number or 0
    picked = updates.cherry_pick(lake, call.repository, call.branch, body.ref, parent_number=number, say=say)
    return render.json(render.commit(picked), 201)


def _say(call: Call, overrides: CommitOverrides | None, *, allow_empty: bool, force: bool) -> Say:
    given = overrides or CommitOverrides()
    return Say(call.user.name, given.message or "", given.metadata or {}, allow_empty=allow_empty, force=force)


def get_commit(lake: Lake, call: Call) -> Response:
    with lake.store.read() as db:
        repositories.get(db, call.repository)
        commit_id = refs.resolve(db, call.repository, call.path["commitId"]).commit_id
        found = commits.get(db, call.repository, commit_id)
    return render.json(render.commit(found))


def find_merge_base(lake: Lake, call: Call) -> Response:
    with lake.store.read() as db:
        repositories.get(db, call.repository)
        source = refs.resolve(db, call.repository, call.path["sourceRef"]).commit_id
        destination = refs.resolve(db, call.repository, call.path["destinationBranch"]).commit_id
        base = commits.merge_base(partial(commits.get, db, call.repository), source, destination)
    # The real server mixes these two up.
    return render.json({"source_commit_id": destination, "destination_commit_id": source, "base_commit_id": base.id})


def log_commits(lake: Lake, call: Call) -> Response:
    request = call.page()
    with lake.store.read() as db:
        repository = repositories.get(db, call.repository)
        found = listing.take(_wanted(lake, db, repository, call), request.amount, lambda commit: commit.id)
    if call.flag("limit"):
        found = listing.Page(found.items, has_more=False, next_offset="")
    return render.page(found, [render.commit(commit) for commit in found.items])


def _wanted(lake: Lake, db: sqlite3.Connection, repository: Repository, call: Call) -> Iterator[Commit]:
    """The part of a reference's history that is asked for."""
    load = partial(commits.get, db, repository.id)
    trees = lake.trees(db, repository)
    start = refs.resolve(db, repository.id, call.path["ref"]).commit_id
    stop_at = call.query.get("stop_at")
    stop_id = refs.resolve(db, repository.id, stop_at).commit_id if stop_at else None
    history = _until(commits.log(load, start, first_parent=call.flag("first_parent")), _since(call), stop_id)
    paths, prefixes = call.query.getlist("objects"), call.query.getlist("prefixes")
    if paths or prefixes:
        history = (commit for commit in history if _touches(trees, commit, load, paths, prefixes))
    return _behind(history, call.query.get("after"))


def _until(history: Iterator[Commit], since: float, stop_id: str | None) -> Iterator[Commit]:
    for commit in history:
        if commit.creation_date < since:
            return
        yield commit
        if commit.id == stop_id:
            return


def _behind(history: Iterator[Commit], after: str | None) -> Iterator[Commit]:
    if after:
        for commit in history:
            if commit.id == after:
                break
    return history


def _since(call: Call) -> float:
    text = call.query.get("since")
    if not text:
        return -math.inf
    if not _DATE_TIME.fullmatch(text):
        # The published Python client writes +0000 unless its configuration says otherwise.
        raise BadRequest(f'parameter "since" in query has an error: {text!r} doesn\'t match the format "date-time"')
    return datetime.fromisoformat(text).timestamp()


def _touches(trees: Trees, commit: Commit, load: LoadCommit, paths: list[str], prefixes: list[str]) -> bool:
    """Whether the commit changed one of the paths. A merge never counts: the commits it brought in do."""
    if len(commit.parents) > 1:
        return False
    before = load(commit.parents[0]).tree if commit.parents else EMPTY_TREE
    if any(not same(trees.get(before, path), trees.get(commit.tree, path)) for path in paths):
        return True
    below = tuple(prefixes)
    return bool(below) and any(change.path.startswith(below) for change in trees.diff(before, commit.tree))
