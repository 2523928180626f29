"""What became of hooks."""

from __future__ import annotations

import json
import sqlite3

from starlette.responses import Response

from lakeloop.local.lakefs import listing, render, repositories
from lakeloop.local.lakefs.call import Call
from lakeloop.local.lakefs.errors import NotFound
from lakeloop.local.lakefs.hooks import HookRun
from lakeloop.local.lakefs.lake import Lake
from lakeloop.local.lakefs.render import JsonObject


def list_runs(lake: Lake, call: Call) -> Response:
    """The runs, newest first."""
    branch, commit = call.query.get("branch"), call.query.get("commit")
    with lake.store.read() as db:
        repositories.get(db, call.repository)
        rows = db.execute(
            "SELECT * FROM hook_runs WHERE repository = :repository AND branch = coalesce(:branch, branch)"
            " AND commit_id = coalesce(:commit, commit_id) ORDER BY start_time DESC",
            {"repository": call.repository, "branch": branch, "commit": commit},
        ).fetchall()
    request = call.page()
    names = [row["run_id"] for row in rows]
    later = rows[names.index(request.after) + 1 :] if request.after in names else rows
    found = listing.take(iter(later), request.amount, lambda row: str(row["run_id"]))
    return render.page(found, [_run(row) for row in found.items])


def get_run(lake: Lake, call: Call) -> Response:
    return render.json(_run(_find(lake, call)))


def list_hooks(lake: Lake, call: Call) -> Response:
    hooks = sorted(_hooks(_find(lake, call)), key=lambda hook: hook.hook_run_id)
    found = listing.page_of(hooks, lambda hook: hook.hook_run_id, call.page())
    return render.page(found, [_hook(hook) for hook in found.items])


def get_hook_output(lake: Lake, call: Call) -> Response:
    wanted = call.path["hook_run_id"]
    for hook in _hooks(_find(lake, call)):
        if hook.hook_run_id == wanted:
            return Response(hook.output, media_type="application/octet-stream")
    raise NotFound(f"hook run {wanted} not found")


def _find(lake: Lake, call: Call) -> sqlite3.Row:
    run_id = call.path["run_id"]
    with lake.store.read() as db:
        query = "SELECT * FROM hook_runs WHERE repository = ? AND run_id = ?"
        row: sqlite3.Row | None = db.execute(query, (call.repository, run_id)).fetchone()
    if row is None:
        raise NotFound(f"run {run_id} not found")
    return row


def _hooks(row: sqlite3.Row) -> list[HookRun]:
    return [HookRun(**hook) for hook in json.loads(row["hooks"])]


def _run(row: sqlite3.Row) -> JsonObject:
    names = ("run_id", "branch", "start_time", "end_time", "event_type", "status", "commit_id")
    return {name: row[name] for name in names}


def _hook(hook: HookRun) -> JsonObject:
    return {
        "hook_run_id": hook.hook_run_id,
        "action": hook.action,
        "hook_id": hook.hook_id,
        "start_time": hook.start_time,
        "end_time": hook.end_time,
        "status": hook.status,
    }
