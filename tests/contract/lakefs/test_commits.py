"""Commits, and how to undo them."""

from __future__ import annotations

import pytest
from lakefs_sdk import CherryPickCreation, CommitOverrides, ResetCreation, RevertCreation
from lakefs_sdk.exceptions import ApiException

from tests.contract.lakefs.servers import Repository, refusal


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
        repository.put_and_commit(branch, "kept", b"1")
        second = repository.put_and_commit(branch, "a", b"1")
        revert = RevertCreation(ref=second.id, parent_number=0)
        repository.client.branches_api.revert_branch(repository.id, branch, revert)

        with pytest.raises(ApiException) as error:
            repository.client.branches_api.revert_branch(repository.id, branch, revert)

        assert refusal(error)[0] == 400
        assert "no changes" in refusal(error)[1]

    def test_revert_to_an_emptied_tree_is_a_change_once(self, repository: Repository) -> None:
        """A tree that was emptied is another than one that was never filled."""
        branch = repository.branch("work")
        first = repository.put_and_commit(branch, "a", b"1")
        revert = RevertCreation(ref=first.id, parent_number=0)

        for _ in range(2):
            repository.client.branches_api.revert_branch(repository.id, branch, revert)

        with pytest.raises(ApiException) as error:
            repository.client.branches_api.revert_branch(repository.id, branch, revert)
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
