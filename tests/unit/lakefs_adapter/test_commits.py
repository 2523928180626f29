"""What the adapter asks of lakeFS to branch, commit and merge, each request whole."""

import json
from typing import Any

import pytest

from lakeloop.adapters.lakefs import LakeFS
from lakeloop.errors import PermanentError, TransientError
from lakeloop.lake.ports import LakeCommit
from tests.cases import OPS
from tests.unit.lakefs_adapter.scripted import REPOSITORY, Answer, Asked, ScriptedServer, page, refused

CONFLICT = Answer(409, {"reference": ""})
NO_CHANGES = refused(400, "update branch main: no changes")


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
