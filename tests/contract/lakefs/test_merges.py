"""Merging, and seeing beforehand what a merge would do."""

from __future__ import annotations

import json

import pytest
from lakefs_sdk.exceptions import ApiException

from tests.contract.lakefs.servers import Repository, refusal


class TestMerge:
    def test_brings_over_only_what_the_source_changed(self, repository: Repository) -> None:
        left, right = repository.branch("left"), repository.branch("right")
        repository.put_and_commit(left, "from-left", b"l")
        repository.put_and_commit(right, "from-right", b"r")
        before = repository.merge(left)

        merged = repository.merge(right)

        assert repository.paths("main") == ["from-left", "from-right"]
        commit = repository.client.commits_api.get_commit(repository.id, merged)
        assert commit.parents == [before, repository.head(right)]
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
        assert found.base_commit_id == source.id
        # Which of the other two is which, the server mixes up.
        assert {found.source_commit_id, found.destination_commit_id} == {source.id, repository.head("main")}

    def test_of_a_source_that_was_emptied(self, repository: Repository) -> None:
        branch = repository.branch("work")
        repository.put_and_commit(branch, "a", b"1")
        repository.client.objects_api.delete_object(repository.id, branch, "a")
        repository.commit(branch)

        merged = repository.merge(branch)

        assert repository.head("main") == merged
        assert repository.paths("main") == []

    def test_with_force_needs_no_changes(self, repository: Repository) -> None:
        branch = repository.branch("work")

        assert repository.merge(branch, force=True) == repository.head("main")

    def test_what_is_staged_and_equals_what_is_committed_is_not_in_the_way(self, repository: Repository) -> None:
        repository.put_and_commit("main", "a", b"1")
        branch = repository.branch("work")
        repository.put_and_commit(branch, "b", b"1")
        repository.put("main", "a", b"1")
        repository.put("main", "c", b"1")
        repository.client.objects_api.delete_object(repository.id, "main", "c")

        assert repository.merge(branch) == repository.head("main")

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
