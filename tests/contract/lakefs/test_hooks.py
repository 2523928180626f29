"""Hooks: webhooks named in the data itself, which may refuse a commit or a merge."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pytest
from lakefs_sdk.exceptions import ApiException

from tests.contract.lakefs.servers import Repository


@dataclass
class Gate:
    """A webhook receiver that answers as it is told and keeps what it was sent."""

    url: str = ""
    status: int = 200
    delay: float = 0.0
    meanwhile: Callable[[], object] = lambda: None
    events: list[dict[str, object]] = field(default_factory=list)
    queries: list[dict[str, list[str]]] = field(default_factory=list)


@pytest.fixture
def gate() -> Iterator[Gate]:
    told = Gate()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.events.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            told.queries.append(parse_qs(urlsplit(self.path).query))
            time.sleep(told.delay)
            told.meanwhile()
            self.send_response(told.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    told.url = f"http://127.0.0.1:{server.server_port}/gate"
    yield told
    server.shutdown()
    server.server_close()


def action(gate: Gate, event: str, branch: str = "main", extra: str = "") -> bytes:
    return f"""
name: quality
on:
  {event}:
    branches: [{branch}]
hooks:
  - id: gate
    type: webhook
    properties:
      url: {gate.url}
      timeout: 1s
      query_params:
        kind: [a, b]
{extra}
""".encode()


def branch_with_action(repository: Repository, content: bytes) -> str:
    branch = repository.branch("work")
    repository.put(branch, "_lakefs_actions/quality.yaml", content)
    repository.put(branch, "data", b"1")
    return branch


def test_pre_merge_hook_sees_the_commit_to_be_and_lets_it_pass(repository: Repository, gate: Gate) -> None:
    branch = branch_with_action(repository, action(gate, "pre-merge"))
    repository.commit(branch)

    merged = repository.merge(branch, message="to main", metadata={"k": "v"})

    (event,) = gate.events
    assert event["event_type"] == "pre-merge"
    assert (event["repository_id"], event["branch_id"]) == (repository.id, "main")
    assert (event["commit_message"], event["hook_id"]) == ("to main", "gate")
    assert gate.queries == [{"kind": ["a", "b"]}]
    assert repository.head("main") == merged


def test_pre_merge_hook_refuses(repository: Repository, gate: Gate) -> None:
    branch = branch_with_action(repository, action(gate, "pre-merge"))
    repository.commit(branch)
    before = repository.head("main")
    gate.status = 400

    with pytest.raises(ApiException) as error:
        repository.merge(branch)

    assert error.value.status == 412
    assert "pre-merge hook aborted" in error.value.body
    assert repository.head("main") == before


def test_a_hook_that_does_not_answer_refuses(repository: Repository, gate: Gate) -> None:
    branch = branch_with_action(repository, action(gate, "pre-merge"))
    repository.commit(branch)
    gate.delay = 1.5

    with pytest.raises(ApiException) as error:
        repository.merge(branch)

    assert error.value.status == 412


def test_pre_commit_hook_is_read_from_what_is_being_committed(repository: Repository, gate: Gate) -> None:
    branch = branch_with_action(repository, action(gate, "pre-commit", branch="work"))
    gate.status = 500

    with pytest.raises(ApiException) as error:
        repository.commit(branch)

    assert error.value.status == 412
    assert repository.log(branch)[0].message == "Repository created"
    assert "data" in repository.paths(branch)


def test_other_branches_and_events_are_not_asked(repository: Repository, gate: Gate) -> None:
    branch = branch_with_action(repository, action(gate, "pre-merge", branch="release-*"))
    repository.commit(branch)

    repository.merge(branch)

    assert gate.events == []


def test_a_source_that_drops_the_actions_escapes_them(repository: Repository, gate: Gate) -> None:
    """As on the real server: action files are read from the source, so they are no defence against it."""
    repository.put("main", "_lakefs_actions/quality.yaml", action(gate, "pre-merge"))
    repository.commit("main")
    branch = repository.branch("work")
    repository.client.objects_api.delete_object(repository.id, branch, "_lakefs_actions/quality.yaml")
    repository.put_and_commit(branch, "data", b"1")
    gate.status = 400

    assert repository.merge(branch) == repository.head("main")


def test_the_destination_moving_meanwhile_starts_the_merge_again(repository: Repository, gate: Gate) -> None:
    branch = branch_with_action(repository, action(gate, "pre-merge"))
    repository.commit(branch)
    other = repository.branch("other")
    repository.put_and_commit(other, "from-other", b"1")
    gate.delay = 0.5
    merging = threading.Thread(target=repository.merge, args=(branch,))
    merging.start()
    while not gate.events:
        time.sleep(0.01)

    repository.merge(other)
    merging.join()

    # A server with branch ownership lets the other merge wait instead.
    assert len(gate.events) in {1, 2}
    assert repository.paths("main") == ["_lakefs_actions/quality.yaml", "data", "from-other"]


def test_a_destination_that_never_stands_still_is_too_many_tries(repository: Repository, gate: Gate) -> None:
    branch = branch_with_action(repository, action(gate, "pre-merge"))
    repository.commit(branch)
    gate.meanwhile = lambda: repository.commit("main", allow_empty=True)

    with pytest.raises(ApiException) as error:
        repository.merge(branch)

    # With branch ownership the hook waits for the merge that waits for the hook, until its time is up.
    assert error.value.status in {412, 429}
    assert repository.paths("main") == []


def test_changes_staged_while_a_commit_waits_stay_staged(repository: Repository, gate: Gate) -> None:
    branch = branch_with_action(repository, action(gate, "pre-commit", branch="work"))
    gate.delay = 0.5
    committing = threading.Thread(target=repository.commit, args=(branch,))
    committing.start()
    while not gate.events:
        time.sleep(0.01)

    repository.put(branch, "data", b"newer")
    repository.put(branch, "late", b"1")
    committing.join()

    assert repository.read(f"{branch}@", "data") == b"1"
    staged = repository.client.branches_api.diff_branch(repository.id, branch).results
    assert [(d.path, d.type) for d in staged] == [("data", "changed"), ("late", "added")]


def test_runs_are_remembered_with_what_the_hook_said(repository: Repository, gate: Gate) -> None:
    branch = branch_with_action(repository, action(gate, "pre-merge"))
    repository.commit(branch)
    gate.status = 418
    with pytest.raises(ApiException):
        repository.merge(branch)
    gate.status = 200
    repository.merge(branch)
    api = repository.client.actions_api

    runs = api.list_repository_runs(repository.id, branch="main").results

    # Two runs of one second come in any order.
    run_of = {run.status: run.run_id for run in runs}
    assert sorted(run_of) == ["completed", "failed"]
    (hook,) = api.list_run_hooks(repository.id, run_of["failed"]).results
    assert (hook.hook_id, hook.action, hook.status) == ("gate", "quality", "failed")
    output = api.get_run_hook_output(repository.id, run_of["failed"], hook.hook_run_id)
    assert b"418" in bytes(output)


def test_post_merge_hook_hears_of_it_and_cannot_undo_it(repository: Repository, gate: Gate) -> None:
    branch = branch_with_action(repository, action(gate, "post-merge"))
    repository.commit(branch)
    gate.status = 500

    merged = repository.merge(branch)

    deadline = time.monotonic() + 5
    while not gate.events and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [event["commit_id"] for event in gate.events] == [merged]
    assert repository.head("main") == merged
