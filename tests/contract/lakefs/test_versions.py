"""Commits, merges, differences, history and how to undo: what a versioned lake is for."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from lakefs_sdk import CherryPickCreation, CommitOverrides, ResetCreation, RevertCreation, TagCreation
from lakefs_sdk.exceptions import ApiException

from tests.contract.lakefs.servers import Repository


def refusal(error: pytest.ExceptionInfo[ApiException]) -> tuple[int, str]:
    """Status and message of what the server refused."""
    return error.value.status, json.loads(error.value.body).get("message", "")


class TestCommit:
    def test_a_new_repository_has_one_empty_commit(self, repository: Repository) -> None:
        first = repository.client.commits_api.get_commit(repository.id, "main")

        assert (first.message, first.parents, first.meta_range_id) == ("Repository created", [], "")
        assert repository.paths("main") == []

    def test_takes_everything_staged_on_the_branch(self, repository: Repository) -> None:
        branch = repository.branch("work")
        repository.put(branch, "a", b"1")
        repository.put(branch, "b", b"2")

        commit = repository.commit(branch, "both", metadata={"who": "me"})

        assert repository.paths(commit.id) == ["a", "b"]
        assert commit.parents == [repository.head("main")]
        assert (commit.message, commit.metadata) == ("both", {"who": "me"})
        assert len(commit.id) == 64

    def test_refuses_when_nothing_changed(self, repository: Repository) -> None:
        branch = repository.branch("work")
        with pytest.raises(ApiException) as error:
            repository.commit(branch)

        status, message = refusal(error)
        assert status == 400
        assert "no changes" in message

    def test_the_same_content_again_is_no_change(self, repository: Repository) -> None:
        """Identity is size, checksum, metadata and type of content, never the address."""
        branch = repository.branch("work")
        first = repository.put(branch, "a", b"same")
        repository.commit(branch)
        second = repository.put(branch, "a", b"same")

        assert second.physical_address != first.physical_address
        with pytest.raises(ApiException) as error:
            repository.commit(branch)
        assert "no changes" in refusal(error)[1]

    def test_other_metadata_is_a_change(self, repository: Repository) -> None:
        branch = repository.branch("work")
        repository.put(branch, "a", b"same", user_metadata={"event": "1"})
        repository.commit(branch)
        repository.put(branch, "a", b"same", user_metadata={"event": "2"})

        assert repository.commit(branch).id

    def test_may_be_empty_when_asked(self, repository: Repository) -> None:
        branch = repository.branch("work")

        assert repository.commit(branch, allow_empty=True).parents == [repository.head("main")]

    def test_carries_the_date_it_is_given(self, repository: Repository) -> None:
        branch = repository.branch("work")
        repository.put(branch, "a", b"1")

        assert repository.commit(branch, date=1_700_000_000).creation_date == 1_700_000_000

    def test_removals_are_committed(self, repository: Repository) -> None:
        branch = repository.branch("work")
        repository.put_and_commit(branch, "a", b"1")
        repository.client.objects_api.delete_object(repository.id, branch, "a")

        commit = repository.commit(branch)

        assert repository.paths(commit.id) == []
        assert repository.read(f"{branch}~1", "a") == b"1"


class TestMerge:
    def test_brings_over_only_what_the_source_changed(self, repository: Repository) -> None:
        left, right = repository.branch("left"), repository.branch("right")
        repository.put_and_commit(left, "from-left", b"l")
        repository.put_and_commit(right, "from-right", b"r")
        repository.merge(left)

        merged = repository.merge(right)

        assert repository.paths("main") == ["from-left", "from-right"]
        commit = repository.client.commits_api.get_commit(repository.id, merged)
        assert commit.parents == [repository.log("main")[1].id, repository.head(right)] or len(commit.parents) == 2
        assert commit.metadata[".lakefs.merge.strategy"] == "default"

    def test_again_has_no_changes_and_the_base_says_why(self, repository: Repository) -> None:
        branch = repository.branch("work")
        source = repository.put_and_commit(branch, "a", b"1")
        repository.merge(branch)

        with pytest.raises(ApiException) as error:
            repository.merge(branch)

        status, message = refusal(error)
        assert status == 400
        assert "no changes" in message
        found = repository.client.refs_api.find_merge_base(repository.id, branch, "main")
        assert found.base_commit_id == found.source_commit_id == source.id
        assert found.destination_commit_id == repository.head("main")

    def test_conflict_is_409_with_an_empty_reference(self, repository: Repository) -> None:
        left, right = repository.branch("left"), repository.branch("right")
        repository.put_and_commit(left, "a", b"left")
        repository.put_and_commit(right, "a", b"right")
        repository.merge(left)
        before = repository.head("main")

        with pytest.raises(ApiException) as error:
            repository.merge(right)

        assert error.value.status == 409
        assert json.loads(error.value.body).get("reference", "") == ""
        assert repository.head("main") == before

    def test_the_same_change_on_both_sides_is_no_conflict(self, repository: Repository) -> None:
        left, right = repository.branch("left"), repository.branch("right")
        repository.put_and_commit(left, "a", b"same")
        repository.put(right, "other", b"r")
        repository.put_and_commit(right, "a", b"same")
        repository.merge(left)

        repository.merge(right)

        assert repository.paths("main") == ["a", "other"]

    @pytest.mark.parametrize(("strategy", "winner"), [("source-wins", b"right"), ("dest-wins", b"left")])
    def test_strategy_decides_conflicts(self, repository: Repository, strategy: str, winner: bytes) -> None:
        left, right = repository.branch("left"), repository.branch("right")
        repository.put_and_commit(left, "a", b"left")
        repository.put_and_commit(right, "a", b"right")
        repository.merge(left)

        merged = repository.merge(right, strategy=strategy)

        assert repository.read("main", "a") == winner
        metadata = repository.client.commits_api.get_commit(repository.id, merged).metadata
        assert metadata[".lakefs.merge.strategy"] == strategy

    @pytest.mark.parametrize(("strategy", "remains"), [("source-wins", []), ("dest-wins", ["a"])])
    def test_strategy_decides_between_a_change_and_a_removal(
        self, repository: Repository, strategy: str, remains: list[str]
    ) -> None:
        base = repository.branch("base")
        repository.put_and_commit(base, "a", b"0")
        repository.merge(base)
        left, right = repository.branch("left"), repository.branch("right")
        repository.put_and_commit(left, "a", b"changed")
        repository.client.objects_api.delete_object(repository.id, right, "a")
        repository.commit(right)
        repository.merge(left)

        repository.merge(right, strategy=strategy)

        assert repository.paths("main") == remains

    def test_unknown_strategy_is_refused(self, repository: Repository) -> None:
        branch = repository.branch("work")
        repository.put_and_commit(branch, "a", b"1")

        with pytest.raises(ApiException) as error:
            repository.merge(branch, strategy="mine")

        assert error.value.status == 400

    def test_a_destination_with_uncommitted_changes_is_refused(self, repository: Repository) -> None:
        branch = repository.branch("work")
        repository.put_and_commit(branch, "a", b"1")
        repository.put("main", "b", b"staged")

        with pytest.raises(ApiException) as error:
            repository.merge(branch)

        status, message = refusal(error)
        assert status == 400
        assert "dirty branch" in message

    def test_uncommitted_changes_of_the_source_stay_behind(self, repository: Repository) -> None:
        branch = repository.branch("work")
        repository.put_and_commit(branch, "a", b"1")
        repository.put(branch, "b", b"staged")

        repository.merge(branch)

        assert repository.paths("main") == ["a"]

    def test_squash_keeps_one_parent(self, repository: Repository) -> None:
        branch = repository.branch("work")
        repository.put_and_commit(branch, "a", b"1")
        before = repository.head("main")

        merged = repository.merge(branch, squash_merge=True)

        assert repository.client.commits_api.get_commit(repository.id, merged).parents == [before]

    def test_empty_merge_when_asked(self, repository: Repository) -> None:
        branch = repository.branch("work")

        merged = repository.merge(branch, allow_empty=True, message="nothing new")

        assert repository.client.commits_api.get_commit(repository.id, merged).message == "nothing new"

    def test_any_reference_can_be_the_source(self, repository: Repository) -> None:
        branch = repository.branch("work")
        first = repository.put_and_commit(branch, "a", b"1")
        repository.put_and_commit(branch, "b", b"2")

        repository.merge(first.id)

        assert repository.paths("main") == ["a"]


class TestHistory:
    def test_log_runs_from_the_newest_to_the_first(self, repository: Repository) -> None:
        branch = repository.branch("work")
        made = [repository.put_and_commit(branch, f"p{n}", b"x").id for n in range(3)]

        assert [commit.id for commit in repository.log(branch)][:3] == made[::-1]
        assert repository.log(branch)[-1].message == "Repository created"

    def test_first_parent_leaves_out_what_was_merged_in(self, repository: Repository) -> None:
        branch = repository.branch("work")
        inner = repository.put_and_commit(branch, "a", b"1").id
        merged = repository.merge(branch)

        assert inner in [commit.id for commit in repository.log("main")]
        assert [commit.id for commit in repository.log("main", first_parent=True)][0] == merged
        assert inner not in [commit.id for commit in repository.log("main", first_parent=True)]

    def test_log_of_objects_and_prefixes(self, repository: Repository) -> None:
        branch = repository.branch("work")
        one = repository.put_and_commit(branch, "train/1", b"1").id
        two = repository.put_and_commit(branch, "train/2", b"2").id
        repository.put_and_commit(branch, "test/1", b"3")

        assert [c.id for c in repository.log(branch, objects=["train/1"])] == [one]
        assert [c.id for c in repository.log(branch, prefixes=["train/"])] == [two, one]
        assert len(repository.log(branch, objects=["train/1"], prefixes=["test/"])) == 2

    def test_log_in_pages(self, repository: Repository) -> None:
        branch = repository.branch("work")
        for number in range(4):
            repository.put_and_commit(branch, f"p{number}", b"x")
        refs = repository.client.refs_api

        first = refs.log_commits(repository.id, branch, amount=3)
        rest = refs.log_commits(repository.id, branch, amount=3, after=first.pagination.next_offset)
        limited = refs.log_commits(repository.id, branch, amount=3, limit=True)

        assert (first.pagination.has_more, rest.pagination.has_more) == (True, False)
        assert first.results + rest.results == repository.log(branch)
        assert (len(limited.results), limited.pagination.has_more) == (3, False)

    def test_log_since_a_date_and_up_to_a_reference(self, repository: Repository) -> None:
        branch = repository.branch("work")
        repository.put(branch, "a", b"1")
        old = repository.commit(branch, date=1_700_000_000)
        new = repository.put_and_commit(branch, "b", b"2")
        year_ago = datetime.now(UTC) - timedelta(days=365)

        assert new.id in [c.id for c in repository.log(branch, since=year_ago)]
        assert old.id not in [c.id for c in repository.log(branch, since=year_ago)]
        assert [c.id for c in repository.log(branch, stop_at=old.id)] == [new.id, old.id]

    def test_reference_expressions(self, repository: Repository) -> None:
        start = repository.head("main")
        branch = repository.branch("work")
        first = repository.put_and_commit(branch, "a", b"1").id
        second = repository.put_and_commit(branch, "b", b"2").id
        merged = repository.merge(branch)
        repository.client.tags_api.create_tag(repository.id, TagCreation(id="v1", ref="main"))

        def meaning(ref: str) -> str:
            return str(repository.client.commits_api.get_commit(repository.id, ref).id)

        assert meaning("work~1") == first
        assert meaning("work~2") == meaning("work~~") == start
        assert meaning("main^1") == meaning("main^") == meaning("main~") == start
        assert meaning("main^2") == second
        assert meaning("main^2~1") == first
        assert meaning("v1") == meaning("main@") == meaning(merged[:20]) == merged

    @pytest.mark.parametrize(
        ("ref", "status"), [("nowhere", 404), ("main~9", 404), ("main^3", 404), ("f" * 64, 404), ("ma in", 400)]
    )
    def test_references_that_mean_nothing(self, repository: Repository, ref: str, status: int) -> None:
        with pytest.raises(ApiException) as error:
            repository.client.objects_api.list_objects(repository.id, ref)

        assert error.value.status == status


class TestDiff:
    def test_two_dots_compare_as_is_and_three_dots_only_the_right_side(self, repository: Repository) -> None:
        base = repository.branch("base")
        repository.put(base, "kept", b"0")
        repository.put_and_commit(base, "gone", b"0")
        repository.merge(base)
        branch = repository.branch("work")
        repository.client.objects_api.delete_object(repository.id, branch, "gone")
        repository.put(branch, "kept", b"1")
        repository.put_and_commit(branch, "new", b"1")
        other = repository.branch("other")
        repository.put_and_commit(other, "on-main", b"1")
        repository.merge(other)

        def diff(dots: str) -> list[tuple[str, str]]:
            found = repository.client.refs_api.diff_refs(repository.id, "main", branch, type=dots)
            return [(d.path, d.type) for d in found.results]

        assert diff("three_dot") == [("gone", "removed"), ("kept", "changed"), ("new", "added")]
        assert diff("two_dot") == [("gone", "removed"), ("kept", "changed"), ("new", "added"), ("on-main", "removed")]

    def test_three_dots_name_conflicts(self, repository: Repository) -> None:
        left, right = repository.branch("left"), repository.branch("right")
        repository.put_and_commit(left, "a", b"left")
        repository.put_and_commit(right, "a", b"right")

        found = repository.client.refs_api.diff_refs(repository.id, left, right)

        assert [(d.path, d.type) for d in found.results] == [("a", "conflict")]

    def test_by_prefix_and_grouped(self, repository: Repository) -> None:
        branch = repository.branch("work")
        for path in ("a/1", "a/2", "b/1", "top"):
            repository.put(branch, path, b"x")
        repository.commit(branch)
        refs = repository.client.refs_api

        below = refs.diff_refs(repository.id, "main", branch, prefix="a/")
        grouped = refs.diff_refs(repository.id, "main", branch, delimiter="/")

        assert [d.path for d in below.results] == ["a/1", "a/2"]
        assert [(d.path, d.path_type) for d in grouped.results] == [
            ("a/", "common_prefix"),
            ("b/", "common_prefix"),
            ("top", "object"),
        ]

    def test_uncommitted_changes_of_a_branch(self, repository: Repository) -> None:
        branch = repository.branch("work")
        repository.put(branch, "changed", b"0")
        repository.put_and_commit(branch, "removed", b"0")
        repository.put(branch, "changed", b"more")
        repository.put(branch, "added", b"1")
        repository.client.objects_api.delete_object(repository.id, branch, "removed")

        found = repository.client.branches_api.diff_branch(repository.id, branch)

        assert [(d.path, d.type, d.size_bytes) for d in found.results] == [
            ("added", "added", 1),
            ("changed", "changed", 4),
            ("removed", "removed", 0),
        ]


class TestUndo:
    def test_revert_of_a_merge_keeps_history_and_later_data(self, repository: Repository) -> None:
        bad, good = repository.branch("bad"), repository.branch("good")
        repository.put_and_commit(bad, "bad", b"1")
        repository.put_and_commit(good, "good", b"1")
        merged = repository.merge(bad)
        repository.merge(good)
        branches = repository.client.branches_api

        branches.revert_branch(repository.id, "main", RevertCreation(ref=merged, parent_number=1))

        assert repository.paths("main") == ["good"]
        assert repository.paths(merged) == ["bad"]
        head = repository.client.commits_api.get_commit(repository.id, "main")
        assert head.message.startswith("Revert")

    def test_revert_of_a_merge_needs_the_parent_number(self, repository: Repository) -> None:
        branch = repository.branch("work")
        repository.put_and_commit(branch, "a", b"1")
        merged = repository.merge(branch)

        with pytest.raises(ApiException) as error:
            repository.client.branches_api.revert_branch(
                repository.id, "main", RevertCreation(ref=merged, parent_number=0)
            )

        assert error.value.status == 409

    def test_revert_conflicts_with_later_changes_of_the_same_path(self, repository: Repository) -> None:
        branch = repository.branch("work")
        first = repository.put_and_commit(branch, "a", b"1")
        repository.put_and_commit(branch, "a", b"2")

        with pytest.raises(ApiException) as error:
            repository.client.branches_api.revert_branch(
                repository.id, branch, RevertCreation(ref=first.id, parent_number=0)
            )

        assert error.value.status == 409

    def test_revert_twice_has_nothing_to_undo(self, repository: Repository) -> None:
        branch = repository.branch("work")
        first = repository.put_and_commit(branch, "a", b"1")
        revert = RevertCreation(ref=first.id, parent_number=0)
        repository.client.branches_api.revert_branch(repository.id, branch, revert)

        with pytest.raises(ApiException) as error:
            repository.client.branches_api.revert_branch(repository.id, branch, revert)

        assert refusal(error)[0] == 400
        assert "no changes" in refusal(error)[1]

    def test_cherry_pick_repeats_one_commit(self, repository: Repository) -> None:
        branch = repository.branch("work")
        repository.put_and_commit(branch, "not-this", b"0")
        wanted = repository.put_and_commit(branch, "this", b"1")

        picked = repository.client.branches_api.cherry_pick(repository.id, "main", CherryPickCreation(ref=wanted.id))

        assert repository.paths("main") == ["this"]
        assert picked.message == wanted.message
        assert picked.metadata["cherry-pick-origin"] == wanted.id

    def test_hard_reset_moves_the_branch(self, repository: Repository) -> None:
        branch = repository.branch("work")
        first = repository.put_and_commit(branch, "a", b"1")
        repository.put_and_commit(branch, "b", b"2")

        repository.client.experimental_api.hard_reset_branch(repository.id, branch, first.id)

        assert repository.head(branch) == first.id
        assert repository.paths(branch) == ["a"]

    def test_reset_drops_uncommitted_changes_by_path_prefix_or_all(self, repository: Repository) -> None:
        branch = repository.branch("work")
        for path in ("a", "foo/1", "foo/2", "foo/3", "z"):
            repository.put(branch, path, b"x")

        def reset(kind: str, path: str | None = None) -> list[str]:
            repository.client.branches_api.reset_branch(repository.id, branch, ResetCreation(type=kind, path=path))
            return repository.paths(branch)

        assert reset("object", "foo/1") == ["a", "foo/2", "foo/3", "z"]
        assert reset("object", "foo/") == ["a", "foo/2", "foo/3", "z"]
        assert reset("common_prefix", "foo/") == ["a", "z"]
        assert reset("reset") == []

    def test_overrides_name_the_reverting_commit(self, repository: Repository) -> None:
        branch = repository.branch("work")
        first = repository.put_and_commit(branch, "a", b"1")
        overrides = CommitOverrides(message="bad file", metadata={"ticket": "7"})
        repository.client.branches_api.revert_branch(
            repository.id, branch, RevertCreation(ref=first.id, parent_number=0, commit_overrides=overrides)
        )

        head = repository.client.commits_api.get_commit(repository.id, branch)

        assert (head.message, head.metadata) == ("bad file", {"ticket": "7"})
