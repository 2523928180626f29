"""Runs the hooks of an event and remembers what came of them."""

from __future__ import annotations

import json
import logging
import os
import uuid
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TypeAlias
from urllib.parse import urlencode

import urllib3

from lakeloop.local.lakefs import actions
from lakeloop.local.lakefs.actions import Action, Event, Hook
from lakeloop.local.lakefs.commits import Commit
from lakeloop.local.lakefs.errors import PreconditionFailed
from lakeloop.local.lakefs.objects import Address, ObjectStore
from lakeloop.local.lakefs.store import Store

_LOG = logging.getLogger("lakefs")

# The action files of a reference: path and address of each.
ActionFiles: TypeAlias = Sequence[tuple[str, Address]]


@dataclass(frozen=True)
class Occasion:
    """What is about to happen, or just did."""

    repository: str
    branch: str
    source_ref: str
    commit: Commit
    merge_source: str = ""


@dataclass(frozen=True)
class HookRun:
    hook_run_id: str
    action: str
    hook_id: str
    start_time: str
    end_time: str
    status: str
    output: str


class HookRunner:
    """Calls webhooks. `pre-` events wait and may be refused; `post-` events run aside."""

    def __init__(self, store: Store, objects: ObjectStore) -> None:
        self._store = store
        self._objects = objects
        # Neither retries nor redirects: a hook that is asked twice may count twice.
        self._http = urllib3.PoolManager(retries=False)
        self._aside = ThreadPoolExecutor(max_workers=2, thread_name_prefix="post-hooks")

    def before(self, event: Event, files: ActionFiles, occasion: Occasion) -> None:
        """Run the hooks of a `pre-` event; raises when one of them refuses."""
        run_id, failed = self._run(event, files, occasion)
        if failed is not None:
            culprit = f"hook run id {failed.hook_run_id!r} failed on action {failed.action!r} hook {failed.hook_id!r}"
            raise PreconditionFailed(
                f"update branch {occasion.branch}: {event} hook aborted, run id {run_id!r}: 1 error occurred:\n"
                f"\t* {culprit}: {failed.output.rpartition('Error: ')[2]}\n"
            )

    def after(self, event: Event, files: ActionFiles, occasion: Occasion) -> None:
        if files:
            # It has happened already: a hook that fails now is only remembered, and one that cannot run is logged.
            self._aside.submit(self._run, event, files, occasion).add_done_callback(_log_failure)

    def _run(self, event: Event, files: ActionFiles, occasion: Occasion) -> tuple[str, HookRun | None]:
        loaded = [actions.parse(path, self._objects.read_all(address)) for path, address in files]
        due = [action for action in loaded if action.runs_on(event, occasion.branch)]
        run_id = uuid.uuid4().hex
        runs = [run for number, action in enumerate(due) for run in self._run_action(event, number, action, occasion)]
        failed = next((run for run in runs if run.status == "failed"), None)
        if runs:
            self._remember(run_id, event, occasion, runs)
        return run_id, failed

    def _run_action(self, event: Event, number: int, action: Action, occasion: Occasion) -> list[HookRun]:
        """The hooks of one action in order, up to the first that fails."""
        runs: list[HookRun] = []
        for place, hook in enumerate(action.hooks):
            started = _now()
            ok, output = self._call(hook, _payload(event, action, hook, occasion))
            status = "completed" if ok else "failed"
            runs.append(HookRun(f"{number:04}_{place:04}", action.name, hook.id, started, _now(), status, output))
            if not ok:
                break
        return runs

    def _call(self, hook: Hook, payload: dict[str, object]) -> tuple[bool, str]:
        properties = hook.properties
        headers = actions.with_secrets(properties.headers, os.environ)
        query = urlencode(properties.query_params, doseq=True)
        url = properties.url + ("?" + query if query else "")
        try:
            answer = self._http.request("POST", url, json=payload, headers=headers, timeout=properties.timeout)
        except urllib3.exceptions.HTTPError as error:
            return False, f"Request:\nPOST {url}\n\nError: action failed: {error}\n"
        heard = f"HTTP/1.1 {answer.status} {answer.reason}\r\n\r\n{answer.data.decode(errors='replace')}"
        output = f"Request:\nPOST {url}\n\nResponse:\n{heard}"
        if answer.status < 300:
            return True, output
        return False, f"{output}Error: action failed: webhook request failed (status code: {answer.status})\n"

    def _remember(self, run_id: str, event: Event, occasion: Occasion, runs: list[HookRun]) -> None:
        with self._store.write() as db:
            db.execute(
                "INSERT INTO hook_runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    occasion.repository,
                    run_id,
                    event,
                    occasion.branch,
                    occasion.commit.id,
                    runs[0].start_time,
                    runs[-1].end_time,
                    "failed" if any(run.status == "failed" for run in runs) else "completed",
                    json.dumps([asdict(run) for run in runs]),
                ),
            )


def _log_failure(run: Future[tuple[str, HookRun | None]]) -> None:
    if error := run.exception():
        _LOG.error("hooks could not run", exc_info=error)


def _payload(event: Event, action: Action, hook: Hook, occasion: Occasion) -> dict[str, object]:
    commit = occasion.commit
    return {
        "event_type": event,
        "event_time": _now(),
        "action_name": action.name,
        "hook_id": hook.id,
        "repository_id": occasion.repository,
        "branch_id": occasion.branch,
        "source_ref": occasion.source_ref,
        "commit_id": commit.id,
        "commit_message": commit.message,
        "committer": commit.committer,
        "commit_metadata": dict(commit.metadata),
        **({"merge_source": occasion.merge_source} if occasion.merge_source else {}),
    }


def _now() -> str:
    return datetime.now(UTC).isoformat()
