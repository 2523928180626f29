"""What the adapter asks of lakeFS, each request whole."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from lakeloop.adapters import lakefs as adapter
from lakeloop.adapters.lakefs import LakeFS
from lakeloop.adapters.secrets import LakeCredentials
from lakeloop.errors import ForeignObjectError, HookRefusedError, PermanentError, TransientError
from lakeloop.lake.ports import LakeCommit, LakeObject
from tests.cases import OPS
from tests.unit.lakefs_adapter.scripted import Answer, Asked, ScriptedServer, page, refused

REPOSITORY = "/api/v1/repositories/r"
NAMESPACE = "s3://lakeloop-dev-lake-123456789012/lakeloop-dev-tiny"
THERE = Answer(200, {"id": "r", "creation_date": 1, "default_branch": "main", "storage_namespace": NAMESPACE})
CONFLICT = Answer(409, {"reference": ""})
NO_CHANGES = refused(400, "update branch main: no changes")


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer().running() as scripted:
        yield scripted


@pytest.fixture
def lake(server: ScriptedServer) -> LakeFS:
    credentials = LakeCredentials(access_key_id="id", secret_access_key=SecretStr("s"))
    return LakeFS(server.url, lambda: credentials, budget_seconds=5)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "a.parquet"
    written.write_bytes(b"PAR1x")
    return written


def commit(id_: str, *parents: str, **metadata: str) -> dict[str, Any]:
    return {
        "id": id_,
        "parents": list(parents),
        "committer": "lakeloop",
        "message": "Ingest",
        "creation_date": 1_700_000_000,
        "meta_range_id": "tree",
        "metadata": metadata,
    }


def branch_at(id_: str) -> Answer:
    return Answer(200, {"id": "ingest-1", "commit_id": id_})


def merge_base(id_: str) -> Answer:
    """The server mixes up the other two."""
    return Answer(200, {"source_commit_id": "?", "destination_commit_id": "?", "base_commit_id": id_})


def stats(path: str, address: str, size: int) -> dict[str, Any]:
    facts = {"path": path, "physical_address": address, "size_bytes": size}
    return {**facts, "path_type": "object", "checksum": "c", "mtime": 1}


class TestBranch:
    def test_is_made_hidden_from_main(self, lake: LakeFS, server: ScriptedServer) -> None:
        server.answers = [Answer(201, b"c1", {"Content-Type": "text/html"})]

        lake.ensure_branch("r", "ingest-1")

        body = {"name": "ingest-1", "source": "main", "force": False, "hidden": True}
        assert server.asked == [Asked(f"POST {REPOSITORY}/branches", body)]

    def test_that_is_there_is_kept(self, lake: LakeFS, server: ScriptedServer) -> None:
        server.answers = [refused(409, "branch already exists")]

        lake.ensure_branch("r", "ingest-1")

    def test_cannot_be_made_in_what_is_broken(self, lake: LakeFS, server: ScriptedServer) -> None:
        server.answers = [refused(410, "repository is being deleted")]

        with pytest.raises(TransientError, match=r"make branch ingest-1 of r: .*terraform apply"):
            lake.ensure_branch("r", "ingest-1")

    def test_is_deleted_once(self, lake: LakeFS, server: ScriptedServer) -> None:
        server.answers = [Answer(204), refused(404, "branch not found")]

        lake.delete_branch("r", "ingest-1")
        lake.delete_branch("r", "ingest-1")

        assert server.asked == [Asked(f"DELETE {REPOSITORY}/branches/ingest-1")] * 2

    def test_cannot_be_deleted_when_the_repository_is_read_only(self, lake: LakeFS, server: ScriptedServer) -> None:
        server.answers = [refused(403, "read-only repository"), Answer(200, [{"pattern": "release-*"}])]

        with pytest.raises(PermanentError, match="delete branch ingest-1 of r: lakeFS refuses with 403: read-only"):
            lake.delete_branch("r", "ingest-1")


def test_a_small_object_goes_through_lakefs_in_one_call(lake: LakeFS, server: ScriptedServer, file: Path) -> None:
    server.answers = [Answer(201, stats("train/a.parquet", "s3://b/x", 5))]

    lake.upload("r", "ingest-1", "train/a.parquet", file)

    [asked] = server.asked
    assert asked.line == f"POST {REPOSITORY}/branches/ingest-1/objects?path=train/a.parquet"
    assert b"PAR1x" in asked.body


class TestUpload:
    """Of an object that is too large to go through lakeFS."""

    @pytest.fixture(autouse=True)
    def nothing_is_small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(adapter, "SMALL_BYTES", 0)

    ASK_PLACE = f"GET {REPOSITORY}/branches/ingest-1/staging/backing?path=train/a.parquet&presign=True"

    def place(self, server: ScriptedServer) -> Answer:
        return Answer(200, {"physical_address": f"{NAMESPACE}/data/x", "presigned_url": f"{server.url}/put?X-Amz=1"})

    def test_puts_the_bytes_and_links_them_by_their_checksum(
        self, lake: LakeFS, server: ScriptedServer, file: Path
    ) -> None:
        server.answers = [self.place(server), Answer(200), Answer(200, stats("train/a.parquet", "s3://b/x", 5))]

        lake.upload("r", "ingest-1", "train/a.parquet", file)

        link = {
            "staging": {"physical_address": f"{NAMESPACE}/data/x", "presigned_url": f"{server.url}/put?X-Amz=1"},
            "checksum": sha256(b"PAR1x").hexdigest(),
            "size_bytes": 5,
            "content_type": "application/x-parquet",
            "force": False,
        }
        assert server.asked == [
            Asked(self.ASK_PLACE),
            Asked("PUT /put?X-Amz=1", b"PAR1x"),
            Asked(f"PUT {REPOSITORY}/branches/ingest-1/staging/backing?path=train/a.parquet", link),
        ]
        # S3 refuses a presigned request that carries another authorization.
        assert "Authorization" not in server.headers[1]
        assert server.headers[1]["Content-Length"] == "5"

    def test_tries_a_put_again_that_s3_is_too_busy_for(self, lake: LakeFS, server: ScriptedServer, file: Path) -> None:
        linked = Answer(200, stats("train/a.parquet", "s3://b/x", 5))
        server.answers = [self.place(server), Answer(503, b"SlowDown"), Answer(0), Answer(200), linked]

        lake.upload("r", "ingest-1", "train/a.parquet", file)

        assert [line.split("?")[0] for line in server.lines[1:4]] == ["PUT /put"] * 3

    def test_asks_for_another_place_when_the_url_has_run_out(
        self, lake: LakeFS, server: ScriptedServer, file: Path
    ) -> None:
        linked = Answer(200, stats("train/a.parquet", "s3://b/x", 5))
        server.answers = [self.place(server), Answer(403, b"Expired"), self.place(server), Answer(200), linked]

        lake.upload("r", "ingest-1", "train/a.parquet", file)

        assert server.lines[2] == self.ASK_PLACE

    def test_says_which_rights_the_server_lacks_and_links_nothing(
        self, lake: LakeFS, server: ScriptedServer, file: Path
    ) -> None:
        denied = Answer(403, b"<Code>AccessDenied</Code>")
        server.answers = [self.place(server), denied, self.place(server), denied]

        with pytest.raises(PermanentError, match=r"403: <Code>AccessDenied.*kms:GenerateDataKey"):
            lake.upload("r", "ingest-1", "train/a.parquet", file)

        assert len(server.asked) == 4

    def test_names_the_rule_that_protects_the_branch(self, lake: LakeFS, server: ScriptedServer, file: Path) -> None:
        rules = Answer(200, [{"pattern": "*", "blocked_actions": ["delete"]}, {"pattern": "ingest-*"}])
        server.answers = [self.place(server), Answer(200), refused(403, "cannot write to protected branch"), rules]

        with pytest.raises(PermanentError) as error:
            lake.upload("r", "ingest-1", "train/a.parquet", file)

        assert str(error.value) == (
            "branch ingest-1 of r is protected by the rule `ingest-*`: exclude ingest-* (protect main and the like by "
            "their names), then redrive"
        )


def test_an_object_is_deleted(lake: LakeFS, server: ScriptedServer) -> None:
    server.answers = [Answer(204)]

    lake.delete("r", "ingest-1", "train/a")

    assert server.asked == [Asked(f"DELETE {REPOSITORY}/branches/ingest-1/objects?path=train/a")]


class TestObjects:
    LIST = f"GET {REPOSITORY}/refs/c1/objects/ls?after=&amount=1000&prefix=train/"

    def test_are_listed_with_where_they_lie(self, lake: LakeFS, server: ScriptedServer) -> None:
        server.answers = [THERE, page(stats("train/a", f"{NAMESPACE}/data/a", 10)), page()]

        assert list(lake.objects("r", "c1", "train/")) == [LakeObject("train/a", f"{NAMESPACE}/data/a", 10)]
        assert list(lake.objects("r", "c1", "train/")) == []

        assert server.lines == [f"GET {REPOSITORY}", self.LIST, self.LIST]

    def test_imported_objects_are_named_with_their_bucket(self, lake: LakeFS, server: ScriptedServer) -> None:
        written = json.loads((OPS / "imported-objects" / "objects.json").read_text())
        server.answers = [
            THERE,
            page(*(stats(entry["path"], entry["physical_address"], entry["size_bytes"]) for entry in written)),
        ]

        with pytest.raises(
            ForeignObjectError,
            match=r"train/b.parquet lies in s3://partner-exports/2024/b.parquet, outside the lake, .*: copy it in",
        ) as error:
            list(lake.objects("r", "c1", "train/"))

        assert error.value.subject == "lakefs://r/c1/train/b.parquet"


@pytest.mark.parametrize(
    ("answer", "holds"),
    [(page(stats("a", "s3://b/a", 1)), True), (page(), False), (refused(404, "repository not found"), False)],
)
def test_whether_main_holds_data_is_asked_with_one_object(
    lake: LakeFS, server: ScriptedServer, answer: Answer, holds: bool
) -> None:
    server.answers = [answer]

    assert lake.holds_data("r") is holds

    assert server.asked == [Asked(f"GET {REPOSITORY}/refs/main/objects/ls?amount=1")]


def test_whether_main_holds_data_is_not_guessed(lake: LakeFS, server: ScriptedServer) -> None:
    server.answers = [refused(410, "No data")]

    with pytest.raises(TransientError, match="list main of r"):
        lake.holds_data("r")


def test_what_is_uncommitted_is_asked_of_the_branch(lake: LakeFS, server: ScriptedServer) -> None:
    server.answers = [page({"type": "added", "path": "train/a", "path_type": "object", "size_bytes": 1})]

    assert lake.uncommitted("r", "ingest-1") == {"train/a"}

    assert server.asked == [Asked(f"GET {REPOSITORY}/branches/ingest-1/diff?after=&amount=1000")]


class TestCommit:
    COMMIT = Asked(
        f"POST {REPOSITORY}/branches/ingest-1/commits",
        {"message": "Ingest a", "metadata": {"correlation_id": "1"}, "allow_empty": False, "force": False},
    )

    def test_says_what_and_of_which_delivery(self, lake: LakeFS, server: ScriptedServer) -> None:
        server.answers = [Answer(201, commit("c2", "c1", correlation_id="1"))]

        made = lake.commit("r", "ingest-1", "Ingest a", {"correlation_id": "1"})

        assert made == LakeCommit("c2", {"correlation_id": "1"}, ("c1",), 1_700_000_000)
        assert server.asked == [self.COMMIT]

    def test_that_was_made_and_not_answered_is_the_head_of_the_branch(
        self, lake: LakeFS, server: ScriptedServer
    ) -> None:
        found = Answer(200, commit("c2", "c1", correlation_id="1", rows_committed="3"))
        server.answers = [Answer(0), refused(400, "commit: no changes"), found, merge_base("c1")]

        assert lake.commit("r", "ingest-1", "Ingest a", {"correlation_id": "1"}).rows == 3

        assert server.asked == [
            self.COMMIT,
            self.COMMIT,
            Asked(f"GET {REPOSITORY}/commits/ingest-1"),
            Asked(f"GET {REPOSITORY}/refs/ingest-1/merge/main"),
        ]

    def test_that_was_merged_already_is_ours_still(self, lake: LakeFS, server: ScriptedServer) -> None:
        main = page(commit("c4", "c3"), commit("c3", "c1", "c2"), commit("c1"))
        server.answers = [NO_CHANGES, Answer(200, commit("c2", "c1", correlation_id="1")), merge_base("c2"), main]

        assert lake.commit("r", "ingest-1", "Ingest a", {"correlation_id": "1"}).id == "c2"

        assert server.lines[-1] == f"GET {REPOSITORY}/refs/main/commits?after=&amount=100&first_parent=True"

    def test_a_branch_made_anew_has_the_merge_that_this_delivery_made_before(
        self, lake: LakeFS, server: ScriptedServer
    ) -> None:
        main = page(commit("c4", "c3", "x", correlation_id="2"), commit("c3", "c1", "c2", correlation_id="1"))
        server.answers = [NO_CHANGES, Answer(200, commit("c4", "c3", "x")), merge_base("c4"), main, main]

        assert lake.commit("r", "ingest-1", "Ingest a", {"correlation_id": "1"}).id == "c3"

    def test_another_deliverys_commit_is_never_ours(self, lake: LakeFS, server: ScriptedServer) -> None:
        main = page(commit("c4", "c3", "x", correlation_id="2", rows_committed="9"))
        server.answers = [
            NO_CHANGES,
            Answer(200, commit("c4", "c3", "x", rows_committed="9")),
            merge_base("c4"),
            main,
            main,
        ]

        made = lake.commit("r", "ingest-1", "Ingest a", {"correlation_id": "1"})

        assert made == LakeCommit("c4", {})


class TestMerge:
    MERGE = Asked(
        f"POST {REPOSITORY}/refs/ingest-1/merge/main",
        {
            "message": "Ingest a",
            "metadata": {"correlation_id": "1"},
            "force": False,
            "allow_empty": False,
            "squash_merge": False,
        },
    )

    def merge(self, lake: LakeFS) -> LakeCommit:
        return lake.merge("r", "ingest-1", "Ingest a", {"correlation_id": "1"})

    def test_goes_into_main_with_the_deliverys_metadata(self, lake: LakeFS, server: ScriptedServer) -> None:
        server.answers = [Answer(200, {"reference": "c3"})]

        assert self.merge(lake) == LakeCommit("c3", {"correlation_id": "1"})

        assert server.asked == [self.MERGE]

    def test_that_was_made_and_not_answered_is_found_behind_later_ones(
        self, lake: LakeFS, server: ScriptedServer
    ) -> None:
        main = page(commit("c4", "c3", "x", rows_committed="9"), commit("c3", "c1", "c2", rows_committed="3"))
        server.answers = [Answer(0), NO_CHANGES, branch_at("c2"), merge_base("c2"), main]

        merged = self.merge(lake)

        assert (merged.id, merged.rows) == ("c3", 3)
        assert server.asked[:2] == [self.MERGE, self.MERGE]

    def test_after_a_lost_race_is_asked_for_again(self, lake: LakeFS, server: ScriptedServer) -> None:
        lost = refused(500, "update branch main: predicate failed")
        server.answers = [lost, refused(429, "Too many attempts, try again later"), Answer(200, {"reference": "c3"})]

        assert self.merge(lake).id == "c3"

    def test_of_nothing_new_is_the_head_of_main_without_its_metadata(
        self, lake: LakeFS, server: ScriptedServer
    ) -> None:
        main = page(commit("c4", "c3", "x", correlation_id="2", rows_committed="9"))
        head = Answer(200, {"id": "main", "commit_id": "c4"})
        server.answers = [NO_CHANGES, branch_at("c4"), merge_base("c4"), main, main, head]

        assert self.merge(lake) == LakeCommit("c4", {})

    def test_without_a_correlation_id_looks_for_no_other_merge(self, lake: LakeFS, server: ScriptedServer) -> None:
        main = page(commit("c4", "c3", "x"))
        head = Answer(200, {"id": "main", "commit_id": "c4"})
        server.answers = [NO_CHANGES, branch_at("c4"), merge_base("c4"), main, head]

        assert lake.merge("r", "ingest-1", "Ingest", {}) == LakeCommit("c4", {})

    def test_a_conflict_deletes_the_branch(self, lake: LakeFS, server: ScriptedServer) -> None:
        server.answers = [CONFLICT, Answer(204)]

        with pytest.raises(TransientError, match="conflicts with main of r"):
            self.merge(lake)

        assert server.asked == [self.MERGE, Asked(f"DELETE {REPOSITORY}/branches/ingest-1")]

    def test_into_a_main_with_uncommitted_changes_says_whose_turn_it_is(
        self, lake: LakeFS, server: ScriptedServer
    ) -> None:
        server.answers = [refused(400, "uncommitted changes (dirty branch)")]

        with pytest.raises(PermanentError, match=r"lakectl branch reset lakefs://r/main"):
            self.merge(lake)


ANSWERED = (
    "Request:\nPOST /check\nRequest Body:\n{}\n\n\n"
    "Response:\nHTTP/1.1 422 Unprocessable Entity\r\nContent-Length: 29\r\n\r\n"
    "schema check refused: bad.csvError: action failed: webhook request failed (status code: 422)\n"
)


class TestHook:
    REFUSED = refused(412, "pre-merge hook aborted, run id '5k1s8dc': 1 error occurred")

    def test_its_own_words_are_read_from_its_run(self, lake: LakeFS, server: ScriptedServer) -> None:
        hooks = page(self.run("ok", "completed"), self.run("schema", "failed"))
        server.answers = [self.REFUSED, hooks, self.output(ANSWERED)]

        with pytest.raises(HookRefusedError) as error:
            lake.merge("r", "ingest-1", "Ingest", {})

        assert str(error.value) == "merge ingest-1 of r into main: gate/schema: schema check refused: bad.csv"
        assert server.lines[1:] == [
            f"GET {REPOSITORY}/actions/runs/5k1s8dc/hooks?after=&amount=1000",
            f"GET {REPOSITORY}/actions/runs/5k1s8dc/hooks/run-schema/output",
        ]

    @pytest.mark.parametrize(
        ("output", "words"),
        [
            (
                "Response:\nHTTP/1.1 500\r\nA: b\r\n\r\nError: action failed: webhook request failed\n",
                "webhook request failed",
            ),
            ("Request:\nPOST /check\n\nError: action failed: context deadline exceeded\n", "context deadline exceeded"),
        ],
    )
    def test_without_words_has_lakefs_say_what_happened(
        self, lake: LakeFS, server: ScriptedServer, output: str, words: str
    ) -> None:
        server.answers = [self.REFUSED, page(self.run("schema", "failed")), self.output(output)]

        with pytest.raises(HookRefusedError, match=f"gate/schema: (.*\n)*.*{words}"):
            lake.merge("r", "ingest-1", "Ingest", {})

    @pytest.mark.parametrize("runs", [[refused(404, "gone")], [page()], [refused(403, "no")]])
    def test_the_servers_words_do_where_the_run_cannot_be_read(
        self, lake: LakeFS, server: ScriptedServer, runs: list[Answer]
    ) -> None:
        server.answers = [self.REFUSED, *runs]

        with pytest.raises(HookRefusedError, match="merge ingest-1 of r into main: pre-merge hook aborted"):
            lake.merge("r", "ingest-1", "Ingest", {})

    def test_the_servers_words_do_where_they_name_no_run(self, lake: LakeFS, server: ScriptedServer) -> None:
        server.answers = [refused(412, "hook said no")]

        with pytest.raises(HookRefusedError, match="hook said no"):
            lake.commit("r", "ingest-1", "Ingest", {})

    @staticmethod
    def output(text: str) -> Answer:
        return Answer(200, text.encode(), {"Content-Type": "application/octet-stream"})

    def run(self, hook: str, status: str) -> dict[str, str]:
        times = {"start_time": "2026-11-26T10:00:00Z", "end_time": "2026-11-26T10:00:00Z"}
        return {"hook_run_id": f"run-{hook}", "action": "gate", "hook_id": hook, "status": status, **times}


def test_the_log_follows_main_in_pages(lake: LakeFS, server: ScriptedServer) -> None:
    server.answers = [page(commit("c2", "c1", "x"), next_offset="c2"), page(commit("c1"))]

    assert [found.id for found in lake.log("r", "c2")] == ["c2", "c1"]

    assert server.lines == [
        f"GET {REPOSITORY}/refs/c2/commits?after=&amount=100&first_parent=True",
        f"GET {REPOSITORY}/refs/c2/commits?after=c2&amount=100&first_parent=True",
    ]


def test_merged_by_a_person_is_told_from_commits_of_the_loop() -> None:
    written = json.loads((OPS / "merged-by-a-person" / "log.json").read_text())

    log = [LakeCommit(entry["id"], entry["metadata"]) for entry in written]

    assert {found.id: found.rows for found in log} == {"c3": None, "c2": 300}
