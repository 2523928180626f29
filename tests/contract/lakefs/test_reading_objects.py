"""Objects: every way out."""

from __future__ import annotations

import pytest
import urllib3
from lakefs_sdk.exceptions import ApiException

from tests.contract.lakefs.servers import Repository, Server


class TestRead:
    def test_presigned(self, repository: Repository) -> None:
        repository.put("main", "a", b"content")

        stats = repository.client.objects_api.stat_object(repository.id, "main", "a", presign=True)
        listed = repository.client.objects_api.list_objects(repository.id, "main", presign=True)

        assert urllib3.request("GET", stats.physical_address).data == b"content"
        assert urllib3.request("GET", listed.results[0].physical_address).data == b"content"
        assert bytes(repository.client.objects_api.get_object(repository.id, "main", "a", presign=True)) == b"content"

    @pytest.mark.parametrize(
        ("wanted", "got", "content_range"),
        [
            ("bytes=0-3", b"0123", "bytes 0-3/10"),
            ("bytes=8-", b"89", "bytes 8-9/10"),
            ("bytes=-3", b"789", "bytes 7-9/10"),
            ("bytes=5-99", b"56789", "bytes 5-9/10"),
        ],
    )
    def test_a_range(self, server: Server, repository: Repository, wanted: str, got: bytes, content_range: str) -> None:
        repository.put("main", "a", b"0123456789")

        answer = urllib3.request(
            "GET",
            f"{server.endpoint}/api/v1/repositories/{repository.id}/refs/main/objects?path=a",
            headers={**server.headers, "Range": wanted},
        )

        assert (answer.status, answer.data) == (206, got)
        assert answer.headers["Content-Range"] == content_range

    def test_a_range_past_the_end(self, repository: Repository) -> None:
        repository.put("main", "a", b"0123456789")

        with pytest.raises(ApiException) as error:
            repository.client.objects_api.get_object(repository.id, "main", "a", range="bytes=10-")

        assert error.value.status == 416
        assert error.value.headers["Content-Range"] == "bytes */10"

    def test_head_tells_size_and_checksum(self, repository: Repository) -> None:
        linked = repository.put("main", "a", b"0123456789")

        answer = repository.client.objects_api.head_object_with_http_info(repository.id, "main", "a")

        assert answer.headers["Content-Length"] == "10"
        assert answer.headers["ETag"].strip('"') == linked.checksum
        with pytest.raises(ApiException) as error:
            repository.client.objects_api.head_object(repository.id, "main", "b")
        assert error.value.status == 404

    def test_not_modified(self, server: Server, repository: Repository) -> None:
        linked = repository.put("main", "a", b"x")

        answer = urllib3.request(
            "GET",
            f"{server.endpoint}/api/v1/repositories/{repository.id}/refs/main/objects?path=a",
            headers={**server.headers, "If-None-Match": f'"{linked.checksum}"'},
        )

        assert answer.status == 304

    def test_uncommitted_data_is_seen_on_the_branch_only(self, repository: Repository) -> None:
        commit = repository.put_and_commit("main", "a", b"committed")
        repository.put("main", "a", b"staged")

        assert repository.read("main", "a") == b"staged"
        assert repository.read("main@", "a") == repository.read(commit.id, "a") == b"committed"

    def test_what_is_not_there(self, repository: Repository) -> None:
        for read in (repository.client.objects_api.get_object, repository.client.objects_api.stat_object):
            with pytest.raises(ApiException) as error:
                read(repository.id, "main", "nothing")
            assert error.value.status == 404


class TestList:
    def test_in_the_order_of_paths_with_staged_changes_on_top(self, repository: Repository) -> None:
        for path in ("b", "d/1", "f"):
            repository.put("main", path, b"0")
        repository.commit("main")
        repository.put("main", "a", b"1")
        repository.put("main", "d/1", b"22")
        repository.client.objects_api.delete_object(repository.id, "main", "f")

        listed = repository.client.objects_api.list_objects(repository.id, "main").results

        assert [(stats.path, stats.size_bytes) for stats in listed] == [("a", 1), ("b", 1), ("d/1", 2)]

    def test_grouped_and_in_pages(self, repository: Repository) -> None:
        for path in ("a", "bar/1", "bar/2", "baz/1/x", "c", "foo/1"):
            repository.put("main", path, b"x")
        objects = repository.client.objects_api

        seen, after = [], ""
        while True:
            page = objects.list_objects(repository.id, "main", delimiter="/", amount=2, after=after)
            seen += [(stats.path, stats.path_type) for stats in page.results]
            after = page.pagination.next_offset
            if not page.pagination.has_more:
                break

        assert seen == [
            ("a", "object"),
            ("bar/", "common_prefix"),
            ("baz/", "common_prefix"),
            ("c", "object"),
            ("foo/", "common_prefix"),
        ]
        below = objects.list_objects(repository.id, "main", prefix="ba", delimiter="/")
        assert [stats.path for stats in below.results] == ["bar/", "baz/"]
        assert [s.path for s in objects.list_objects(repository.id, "main", prefix="baz/1").results] == ["baz/1/x"]
