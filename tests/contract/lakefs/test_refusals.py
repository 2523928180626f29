"""What the adapter says when people's rules refuse an ingest."""

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lakeloop.adapters.lakefs import LakeFS
from lakeloop.errors import ForeignObjectError, HookRefusedError, PermanentError
from lakeloop.lake.ports import LakeCommit
from tests.cases import OPS
from tests.contract.lakefs.lakes import adapter
from tests.contract.lakefs.rules import CASES, set_rules
from tests.contract.lakefs.servers import Repository, Server

# A real server looks at changed rules some seconds later.
RULES_SECONDS = 15


@pytest.fixture
def gate() -> Iterator[str]:
    """The address of a webhook that refuses what names bad.csv."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            bad = "bad.csv" in json.dumps(body["commit_metadata"])
            answer = b"schema check refused: bad.csv" if bad else b""
            self.send_response(422 if bad else 200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/check"
    server.shutdown()
    server.server_close()


@pytest.fixture
def gated(repository: Repository, gate: str) -> Repository:
    """A repository whose main asks the webhook before a merge."""
    action = (CASES / "hook-refuses-one-of-three.yaml").read_text().replace("http://127.0.0.1:8099/check", gate)
    repository.put_and_commit("main", "_lakefs_actions/gate.yaml", action.encode())
    return repository


def commit_of(sources: str, lake: LakeFS, repository: Repository, file: Path) -> LakeCommit:
    file.write_bytes(b"1")
    lake.ensure_branch(repository.id, "ingest-1")
    lake.upload(repository.id, "ingest-1", "train/a", file)
    return lake.commit(repository.id, "ingest-1", "Ingest", {"sources": sources})


def test_hook_refuses_one_of_three_in_its_own_words(server: Server, gated: Repository, tmp_path: Path) -> None:
    lake = adapter(server)
    committed = commit_of("good1.csv bad.csv good2.csv", lake, gated, tmp_path / "a")
    before = lake.head(gated.id)

    with pytest.raises(HookRefusedError) as error:
        lake.merge(gated.id, "ingest-1", "Ingest", committed.metadata)

    assert str(error.value) == f"merge ingest-1 of {gated.id} into main: gate/schema: schema check refused: bad.csv"
    assert lake.head(gated.id) == before


def test_the_hook_lets_the_other_two_pass(server: Server, gated: Repository, tmp_path: Path) -> None:
    lake = adapter(server)
    committed = commit_of("good1.csv good2.csv", lake, gated, tmp_path / "a")

    assert lake.merge(gated.id, "ingest-1", "Ingest", committed.metadata).id == lake.head(gated.id)


def test_rule_protects_every_branch_is_named_and_mended_lets_the_file_in(
    server: Server, repository: Repository, tmp_path: Path
) -> None:
    lake = adapter(server)
    file = tmp_path / "a"
    file.write_bytes(b"1")
    set_rules(server, repository.id, json.loads((CASES / "rule-protects-every-branch.json").read_text()))
    lake.ensure_branch(repository.id, "ingest-1")

    assert _refusal(lambda: lake.upload(repository.id, "ingest-1", "train/a", file)) == (
        f"branch ingest-1 of {repository.id} is protected by the rule `*`: exclude ingest-* (protect main and the "
        "like by their names), then redrive"
    )
    set_rules(server, repository.id, [{"pattern": "main"}])
    _until_writable(lambda: lake.upload(repository.id, "ingest-1", "train/a", file))
    committed = lake.commit(repository.id, "ingest-1", "Ingest", {"rows_committed": "1"})
    merged = lake.merge(repository.id, "ingest-1", "Ingest", committed.metadata)
    assert [entry.path for entry in lake.objects(repository.id, merged.id, "")] == ["train/a"]


def _refusal(write: Callable[[], None]) -> str:
    for _ in range(RULES_SECONDS):
        try:
            write()
        except PermanentError as error:
            return str(error)
        time.sleep(1)
    return "none"


def _until_writable(write: Callable[[], None]) -> None:
    deadline = time.monotonic() + RULES_SECONDS
    while True:
        try:
            return write()
        except PermanentError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def test_imported_objects_are_named_with_where_they_lie(server: Server, repository: Repository) -> None:
    written = json.loads((OPS / "imported-objects" / "objects.json").read_text())[1]
    repository.link("main", written["path"], written["physical_address"], written["size_bytes"])
    repository.commit("main", "by hand")

    with pytest.raises(
        ForeignObjectError, match=r"train/b.parquet lies in s3://partner-exports/2024/b.parquet, outside"
    ):
        list(adapter(server).objects(repository.id, "main", "train/"))
