"""Repositories, branches and tags: names, what protects them, and listings of them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

import pytest
from lakefs_sdk import (
    BranchCreation,
    BranchProtectionRule,
    RepositoryCreation,
    RepositoryMetadataKeys,
    RepositoryMetadataSet,
    RevertCreation,
    TagCreation,
)
from lakefs_sdk.client import LakeFSClient
from lakefs_sdk.exceptions import ApiException

from tests.contract.lakefs.servers import Repository, Server


def creation(server: Server, name: str, namespace: str | None = None) -> RepositoryCreation:
    return RepositoryCreation(name=name, storage_namespace=namespace or f"{server.storage_namespace}/{name}")


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


def status(call: Callable[[], object]) -> int:
    try:
        call()
    except ApiException as error:
        return int(error.status)
    return 200


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, "this did not come true"
        time.sleep(0.3)


class TestRepositories:
    def test_are_found_until_deleted(self, client: LakeFSClient, repository: Repository) -> None:
        found = client.repositories_api.get_repository(repository.id)
        assert (found.id, found.default_branch) == (repository.id, "main")
        assert found.storage_namespace == repository.storage_namespace

        client.repositories_api.delete_repository(repository.id)

        # The server answers from a cache for some seconds.
        eventually(lambda: status(lambda: client.repositories_api.get_repository(repository.id)) == 404)

    def test_a_name_is_given_once(self, client: LakeFSClient, server: Server, repository: Repository) -> None:
        with pytest.raises(ApiException) as error:
            client.repositories_api.create_repository(creation(server, repository.id, "s3://other/place"))

        assert error.value.status == 409

    def test_a_storage_namespace_is_used_once_even_after_deletion(
        self, client: LakeFSClient, server: Server, repository: Repository
    ) -> None:
        client.repositories_api.delete_repository(repository.id)

        with pytest.raises(ApiException) as error:
            client.repositories_api.create_repository(creation(server, unique("second"), repository.storage_namespace))

        assert error.value.status == 400
        assert "storage namespace" in error.value.body

    def test_a_later_repository_of_the_name_starts_afresh(
        self, client: LakeFSClient, server: Server, repository: Repository
    ) -> None:
        repository.put_and_commit("main", "a", b"same")
        client.repositories_api.delete_repository(repository.id)
        namespace = f"{repository.storage_namespace}-again"
        again = creation(server, repository.id, namespace)
        eventually(lambda: status(lambda: client.repositories_api.create_repository(again)) == 200)
        assert repository.paths("main") == []

        repository.put_and_commit("main", "a", b"same")

        stats = client.objects_api.stat_object(repository.id, "main@", "a")
        assert stats.physical_address.startswith(namespace + "/")

    @pytest.mark.parametrize("name", ["ab", "UPPER", "under_score", "-dash"])
    def test_names_are_checked(self, client: LakeFSClient, server: Server, name: str) -> None:
        with pytest.raises((ApiException, ValueError)) as error:
            client.repositories_api.create_repository(creation(server, name))

        assert getattr(error.value, "status", 400) == 400

    def test_a_bucket_that_is_not_there(self, client: LakeFSClient, server: Server) -> None:
        name = unique("nowhere")

        with pytest.raises(ApiException) as error:
            client.repositories_api.create_repository(creation(server, name, f"s3://{name}/x"))

        assert error.value.status == 400

    def test_listing_by_prefix_in_pages(self, client: LakeFSClient, server: Server) -> None:
        prefix = unique("many")
        for number in range(3):
            Repository.create(client, server, f"{prefix}-{number}")
        api = client.repositories_api

        first = api.list_repositories(prefix=prefix, amount=2)
        rest = api.list_repositories(prefix=prefix, amount=2, after=first.pagination.next_offset)

        assert [r.id for r in first.results + rest.results] == [f"{prefix}-{number}" for number in range(3)]
        assert (first.pagination.has_more, rest.pagination.has_more) == (True, False)

    def test_metadata(self, client: LakeFSClient, repository: Repository) -> None:
        api = client.internal_api
        assert client.repositories_api.get_repository_metadata(repository.id) == {}

        api.set_repository_metadata(repository.id, RepositoryMetadataSet(metadata={"a": "1", "b": "2"}))
        api.delete_repository_metadata(repository.id, RepositoryMetadataKeys(keys=["a"]))

        assert client.repositories_api.get_repository_metadata(repository.id) == {"b": "2"}


class TestBranches:
    def test_creation_answers_with_the_commit_it_starts_at(self, repository: Repository) -> None:
        answer = repository.client.branches_api.create_branch(repository.id, BranchCreation(name="b", source="main"))

        assert answer == repository.head("main") == repository.head("b")

    def test_exists_already(self, repository: Repository) -> None:
        repository.branch("work")

        with pytest.raises(ApiException) as error:
            repository.branch("work")

        assert error.value.status == 409

    @pytest.mark.parametrize(("name", "source", "status"), [("b", "nowhere", 404), ("a/b", "main", 400)])
    def test_bad_source_or_name(self, repository: Repository, name: str, source: str, status: int) -> None:
        with pytest.raises(ApiException) as error:
            repository.branch(name, source)

        assert error.value.status == status

    def test_uncommitted_changes_are_not_branched(self, repository: Repository) -> None:
        repository.put("main", "staged", b"x")

        assert repository.paths(repository.branch("work")) == []

    def test_hidden_ones_are_listed_on_demand(self, repository: Repository) -> None:
        repository.branch("seen")
        repository.branch("unseen", hidden=True)
        api = repository.client.branches_api

        assert [b.id for b in api.list_branches(repository.id).results] == ["main", "seen"]
        assert [b.id for b in api.list_branches(repository.id, show_hidden=True).results] == ["main", "seen", "unseen"]
        assert repository.head("unseen") == repository.head("main")

    def test_listing_in_pages(self, repository: Repository) -> None:
        for number in range(5):
            repository.branch(f"b{number}")
        api = repository.client.branches_api

        page = api.list_branches(repository.id, prefix="b", after="b1", amount=2)

        assert [b.id for b in page.results] == ["b2", "b3"]
        assert (page.pagination.has_more, page.pagination.next_offset) == (True, "b3")

    def test_deletion_takes_the_uncommitted_changes_along(self, repository: Repository) -> None:
        repository.put(repository.branch("work"), "staged", b"x")

        repository.client.branches_api.delete_branch(repository.id, "work")
        repository.branch("work")

        assert repository.paths("work") == []

    def test_the_default_branch_stays(self, repository: Repository) -> None:
        with pytest.raises(ApiException) as error:
            repository.client.branches_api.delete_branch(repository.id, "main")

        assert error.value.status == 403

    def test_deleting_what_is_not_there(self, repository: Repository) -> None:
        with pytest.raises(ApiException) as error:
            repository.client.branches_api.delete_branch(repository.id, "nowhere")

        assert error.value.status == 404


class TestProtection:
    def test_blocks_writing_but_not_merging_or_reverting(self, repository: Repository) -> None:
        self._protect(repository, "mai*")
        branch = repository.branch("work")
        repository.put_and_commit(branch, "a", b"1")

        merged = repository.merge(branch)
        repository.client.branches_api.revert_branch(repository.id, "main", RevertCreation(ref=merged, parent_number=1))

        assert repository.paths("main") == []
        writes: list[Callable[[], object]] = [
            lambda: repository.put("main", "a", b"1"),
            lambda: repository.commit("main"),
            lambda: repository.client.objects_api.delete_object(repository.id, "main", "a"),
            lambda: repository.client.experimental_api.hard_reset_branch(repository.id, "main", merged),
        ]
        for write in writes:
            with pytest.raises(ApiException) as error:
                write()
            assert error.value.status == 403

    def test_rules_are_read_back_and_guarded_by_their_etag(self, repository: Repository) -> None:
        self._protect(repository, "main")
        api = repository.client.repositories_api
        answer = api.get_branch_protection_rules_with_http_info(repository.id)
        assert [rule.pattern for rule in answer.data] == ["main"]

        with pytest.raises(ApiException) as error:
            api.set_branch_protection_rules(repository.id, [], if_match="something else")
        assert error.value.status == 412

        api.set_branch_protection_rules(repository.id, [], if_match=answer.headers["ETag"])
        assert api.get_branch_protection_rules(repository.id) == []

    @staticmethod
    def _protect(repository: Repository, pattern: str) -> None:
        rules = [BranchProtectionRule(pattern=pattern)]
        repository.client.repositories_api.set_branch_protection_rules(repository.id, rules)


class TestTags:
    def test_stay_where_they_were_put(self, repository: Repository) -> None:
        commit = repository.put_and_commit("main", "a", b"1")
        api = repository.client.tags_api

        created = api.create_tag(repository.id, TagCreation(id="good-2024.1", ref="main"))
        repository.put_and_commit("main", "a", b"2")

        assert (created.id, created.commit_id) == ("good-2024.1", commit.id)
        assert api.get_tag(repository.id, "good-2024.1").commit_id == commit.id
        assert repository.read("good-2024.1", "a") == b"1"

    def test_exist_once_and_can_be_deleted(self, repository: Repository) -> None:
        api = repository.client.tags_api
        api.create_tag(repository.id, TagCreation(id="v1", ref="main"))
        with pytest.raises(ApiException) as error:
            api.create_tag(repository.id, TagCreation(id="v1", ref="main"))
        assert error.value.status == 409

        api.delete_tag(repository.id, "v1")

        for call in (api.get_tag, api.delete_tag):
            with pytest.raises(ApiException) as error:
                call(repository.id, "v1")
            assert error.value.status == 404

    def test_listing(self, repository: Repository) -> None:
        api = repository.client.tags_api
        for name in ("v1", "v2", "w1"):
            api.create_tag(repository.id, TagCreation(id=name, ref="main"))

        assert [tag.id for tag in api.list_tags(repository.id, prefix="v").results] == ["v1", "v2"]
        assert [tag.id for tag in api.list_tags(repository.id, after="v1").results] == ["v2", "w1"]

    def test_of_nothing(self, repository: Repository) -> None:
        with pytest.raises(ApiException) as error:
            repository.client.tags_api.create_tag(repository.id, TagCreation(id="v1", ref="nowhere"))

        assert error.value.status == 404
