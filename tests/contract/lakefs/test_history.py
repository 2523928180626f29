"""The log of commits, and the expressions that mean one of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import urllib3
from lakefs_sdk import TagCreation
from lakefs_sdk.exceptions import ApiException

from tests.contract.lakefs.servers import Repository, Server


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

        everything = [commit.id for commit in repository.log("main")]
        mainline = [commit.id for commit in repository.log("main", first_parent=True)]
        assert inner in everything
        assert mainline[0] == merged
        assert inner not in mainline

    def test_log_of_objects_and_prefixes(self, repository: Repository) -> None:
        branch = repository.branch("work")
        one = repository.put_and_commit(branch, "train/1", b"1").id
        two = repository.put_and_commit(branch, "train/2", b"2").id
        repository.put_and_commit(branch, "test/1", b"3")

        assert [c.id for c in repository.log(branch, objects=["train/1"])] == [one]
        assert [c.id for c in repository.log(branch, prefixes=["train/"])] == [two, one]
        assert len(repository.log(branch, objects=["train/1"], prefixes=["test/"])) == 2
        repository.merge(branch)
        assert [c.id for c in repository.log("main", prefixes=["train/"])] == [two, one]

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

    def test_since_takes_in_its_own_second(self, repository: Repository) -> None:
        branch = repository.branch("work")
        repository.put(branch, "a", b"1")
        commit = repository.commit(branch, date=1_700_000_000)
        later = datetime.fromtimestamp(1_700_000_000, UTC)

        assert commit.id in [found.id for found in repository.log(branch, since=later)]
        assert commit.id not in [found.id for found in repository.log(branch, since=later + timedelta(seconds=1))]

    def test_since_wants_a_colon_in_the_offset(self, server: Server, repository: Repository) -> None:
        url = f"{server.endpoint}/api/v1/repositories/{repository.id}/refs/main/commits"
        statuses = [
            urllib3.request("GET", url, headers=server.headers, fields={"since": f"2026-01-01T00:00:00{offset}"}).status
            for offset in ("Z", "+00:00", "+0000")
        ]

        assert statuses == [200, 200, 400]

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
        assert meaning("work~2") == start
        assert meaning("main^1") == meaning("main^") == meaning("main~") == start
        assert meaning("main^2") == second
        assert meaning("main^2~1") == first
        assert meaning("v1") == meaning("main@") == meaning(merged[:20]) == merged

    @pytest.mark.parametrize(("ref", "status"), [("nowhere", 404), ("main~9", 404), ("f" * 64, 404), ("ma in", 400)])
    def test_references_that_mean_nothing(self, repository: Repository, ref: str, status: int) -> None:
        with pytest.raises(ApiException) as error:
            repository.client.objects_api.list_objects(repository.id, ref)

        assert error.value.status == status
