"""Listings of objects and of differences between references."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TypeAlias

from starlette.responses import Response

from lakeloop.local.lakefs import commits, listing, merge, render, repositories
from lakeloop.local.lakefs.call import Call
from lakeloop.local.lakefs.entries import Difference, Entry
from lakeloop.local.lakefs.errors import BadRequest
from lakeloop.local.lakefs.lake import Lake
from lakeloop.local.lakefs.listing import Item
from lakeloop.local.lakefs.merge import Kind
from lakeloop.local.lakefs.objects import Address
from lakeloop.local.lakefs.render import JsonObject
from lakeloop.local.lakefs.snapshots import Snapshot

_Line: TypeAlias = tuple[Difference, Kind]


def list_objects(lake: Lake, call: Call) -> Response:
    with lake.store.read() as db:
        repository = repositories.get(db, call.repository)
        snapshot = lake.snapshot(db, repository, call.path["ref"])
        found = listing.page(snapshot.scan, call.page())
    return render.page(found, [_stats(lake, call, item) for item in found.items])


def _stats(lake: Lake, call: Call, item: Item[Entry]) -> JsonObject:
    if item.value is None:
        return render.common_prefix(item.key)
    presigned = lake.objects.presign_get(Address.parse(item.value.address)) if call.flag("presign") else None
    with_metadata = call.flag("user_metadata", default=True)
    return render.object_stats(item.key, item.value, presigned, with_metadata=with_metadata)


def diff_branch(lake: Lake, call: Call) -> Response:
    """What is not committed yet."""
    with lake.store.read() as db:
        repository = repositories.get(db, call.repository)
        repositories.get_branch(db, call.repository, call.branch)
        snapshot = lake.snapshot(db, repository, call.branch)
        lines = ((change, merge.kind_of(change)) for change in snapshot.uncommitted())
        return _differences(call, lines)


def diff_refs(lake: Lake, call: Call) -> Response:
    """How the right reference differs from the left: as it is (two dots), or as its merge would show (three dots)."""
    dots = call.query.get("type", "three_dot")
    with lake.store.read() as db:
        repository = repositories.get(db, call.repository)
        left = lake.snapshot(db, repository, call.path["leftRef"])
        right = lake.snapshot(db, repository, call.path["rightRef"])
        if dots == "two_dot":
            lines = [(change, merge.kind_of(change)) for change in left.trees.diff(left.tree, right.tree)]
        elif dots == "three_dot":
            lines = _incoming(left, right)
        else:
            raise BadRequest(f"query parameter 'type' must be two_dot or three_dot, not {dots!r}")
        return _differences(call, lines)


def _incoming(left: Snapshot, right: Snapshot) -> list[_Line]:
    load = partial(commits.get, left.db, left.repository.id)
    base = commits.merge_base(load, left.commit_id, right.commit_id)
    diff = left.trees.diff
    return merge.pending(diff(left.tree, right.tree), diff(base.tree, left.tree), diff(base.tree, right.tree))


def _differences(call: Call, lines: Iterable[_Line]) -> Response:
    every = list(lines)

    def scan(start: str) -> Iterator[tuple[str, _Line]]:
        return ((line[0].path, line) for line in every if line[0].path >= start)

    found = listing.page(scan, call.page())
    with_right = call.flag("include_right_stats")
    return render.page(found, [_difference(item, with_right=with_right) for item in found.items])


def _difference(item: Item[_Line], *, with_right: bool) -> JsonObject:
    if item.value is None:
        return {"path": item.key, "path_type": "common_prefix", "type": "prefix_changed"}
    change, kind = item.value
    line: JsonObject = {
        "path": item.key,
        "path_type": "object",
        "type": kind,
        "size_bytes": change.right.size if change.right else 0,
    }
    if with_right and change.right is not None:
        line["right"] = {
            "checksum": change.right.checksum,
            "mtime": change.right.mtime,
            "content_type": change.right.content_type,
            "metadata": dict(change.right.metadata),
        }
    return line
