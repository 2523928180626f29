"""Objects: every way in, and changing them."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path

import pytest
import urllib3
from lakefs_sdk import (
    AbortPresignMultipartUpload,
    CompletePresignMultipartUpload,
    ObjectCopyCreation,
    ObjectStageCreation,
    PathList,
    StagingLocation,
    StagingMetadata,
    UpdateObjectUserMetadata,
    UploadPart,
)
from lakefs_sdk.exceptions import ApiException

from tests.contract.lakefs.servers import Repository, Server


def upload(repository: Repository, tmp_path: Path, path: str, content: bytes) -> None:
    """Through the server, as a form."""
    file = tmp_path / "content.csv"
    file.write_bytes(content)
    repository.client.objects_api.upload_object(repository.id, "main", path, content=str(file))


class TestUpload:
    def test_as_a_form(self, repository: Repository, tmp_path: Path) -> None:
        upload(repository, tmp_path, "a b/ü+%.csv", b"x,y\n")

        stats = repository.client.objects_api.stat_object(repository.id, "main", "a b/ü+%.csv")

        assert repository.read("main", "a b/ü+%.csv") == b"x,y\n"
        assert (stats.path, stats.path_type, stats.size_bytes) == ("a b/ü+%.csv", "object", 4)
        assert stats.checksum == hashlib.md5(b"x,y\n", usedforsecurity=False).hexdigest()
        assert stats.physical_address.startswith(repository.storage_namespace + "/data/")

    @pytest.mark.parametrize("chunked", [False, True])
    def test_as_the_bare_body_with_metadata_in_headers(
        self, server: Server, repository: Repository, chunked: bool
    ) -> None:
        content = b"z" * 100_000
        body = iter([content[:70_000], content[70_000:]]) if chunked else content

        answer = urllib3.request(
            "POST",
            f"{server.endpoint}/api/v1/repositories/{repository.id}/branches/main/objects?path=raw",
            headers={**server.headers, "Content-Type": "text/plain", "x-lakefs-meta-rows": "7"},
            body=body,
        )

        assert answer.status == 201
        stats = repository.client.objects_api.stat_object(repository.id, "main", "raw")
        assert (stats.size_bytes, stats.content_type, stats.metadata) == (100_000, "text/plain", {"rows": "7"})
        assert repository.read("main", "raw") == content

    def test_an_empty_object(self, repository: Repository, tmp_path: Path) -> None:
        upload(repository, tmp_path, "empty", b"")

        assert repository.read("main", "empty") == b""

    def test_only_if_the_path_is_free(self, repository: Repository, tmp_path: Path) -> None:
        upload(repository, tmp_path, "a", b"first")
        file = tmp_path / "second"
        file.write_bytes(b"second")

        with pytest.raises(ApiException) as error:
            repository.client.objects_api.upload_object(
                repository.id, "main", "a", content=str(file), if_none_match="*"
            )

        assert error.value.status == 412
        assert repository.read("main", "a") == b"first"

    def test_to_a_branch_that_is_not_there(self, repository: Repository, tmp_path: Path) -> None:
        file = tmp_path / "file"
        file.write_bytes(b"x")

        with pytest.raises(ApiException) as error:
            repository.client.objects_api.upload_object(repository.id, "nowhere", "a", content=str(file))

        assert error.value.status == 404


class TestLink:
    def test_keeps_what_the_client_says_of_the_object(self, repository: Repository) -> None:
        linked = repository.put("main", "a", b"12345", user_metadata={"k": "v"}, content_type="text/csv")

        stats = repository.client.objects_api.stat_object(repository.id, "main", "a")

        assert stats.checksum == linked.checksum == hashlib.sha256(b"12345").hexdigest()
        assert (stats.size_bytes, stats.content_type, stats.metadata) == (5, "text/csv", {"k": "v"})

    def test_twice_is_harmless(self, repository: Repository) -> None:
        location = repository.client.staging_api.get_physical_address(repository.id, "main", "a", presign=True)
        urllib3.request("PUT", location.presigned_url, body=b"x")
        metadata = StagingMetadata(staging=location, checksum="c", size_bytes=1)

        for _ in range(2):
            repository.client.staging_api.link_physical_address(repository.id, "main", "a", metadata)

        assert repository.read("main", "a") == b"x"

    @pytest.mark.parametrize("other", ["path", "branch", "address"])
    def test_an_address_serves_only_the_path_and_branch_it_was_given_for(
        self, repository: Repository, other: str
    ) -> None:
        repository.branch("work")
        staging = repository.client.staging_api
        location = staging.get_physical_address(repository.id, "work", "a", presign=True)
        if other == "address":
            location.physical_address = location.physical_address[:-4] + "0000"
        metadata = StagingMetadata(staging=location, checksum="c", size_bytes=1)

        with pytest.raises(ApiException) as error:
            staging.link_physical_address(
                repository.id, "main" if other == "branch" else "work", "b" if other == "path" else "a", metadata
            )

        assert error.value.status == 400

    def test_an_object_outside_the_repository_needs_no_proof(self, server: Server, repository: Repository) -> None:
        address = f"{server.storage_namespace}-elsewhere/{uuid.uuid4().hex}"
        metadata = StagingMetadata(staging=StagingLocation(physical_address=address), checksum="c", size_bytes=1)

        repository.client.staging_api.link_physical_address(repository.id, "main", "a", metadata)

        stats = repository.client.objects_api.stat_object(repository.id, "main", "a")
        assert stats.physical_address == address

    def test_only_if_the_path_is_free(self, repository: Repository) -> None:
        repository.put("main", "a", b"first")
        location = repository.client.staging_api.get_physical_address(repository.id, "main", "a", presign=True)
        metadata = StagingMetadata(staging=location, checksum="c", size_bytes=1)

        with pytest.raises(ApiException) as error:
            repository.client.staging_api.link_physical_address(repository.id, "main", "a", metadata, if_none_match="*")

        assert error.value.status == 412

    def test_before_the_bytes_are_there_reads_as_gone(self, repository: Repository) -> None:
        """The server does not look: a client that links before its PUT succeeded finds out when reading."""
        location = repository.client.staging_api.get_physical_address(repository.id, "main", "a", presign=True)
        repository.client.staging_api.link_physical_address(
            repository.id, "main", "a", StagingMetadata(staging=location, checksum="c", size_bytes=1)
        )

        with pytest.raises(ApiException) as error:
            repository.read("main", "a")

        assert error.value.status == 410

    @pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
    def test_stage_object_registers_an_address_as_it_is(self, server: Server, repository: Repository) -> None:
        address = f"{server.storage_namespace}-elsewhere/{uuid.uuid4().hex}"
        creation = ObjectStageCreation(physical_address=address, checksum="c", size_bytes=1, mtime=5)

        stats = repository.client.internal_api.stage_object(repository.id, "main", "a", creation)

        assert (stats.physical_address, stats.mtime) == (address, 5)


class TestMultipart:
    def test_parts_through_presigned_urls(self, repository: Repository) -> None:
        api = repository.client.experimental_api
        # All parts but the last must have 5 MiB.
        contents = [b"a" * 5 * 1024 * 1024, b"b"]
        started = api.create_presign_multipart_upload(repository.id, "main", "big", parts=2)
        etags = [
            urllib3.request("PUT", url, body=content).headers["ETag"]
            for url, content in zip(started.presigned_urls, contents, strict=True)
        ]
        parts = [UploadPart(part_number=number, etag=etag) for number, etag in enumerate(etags, 1)]

        stats = api.complete_presign_multipart_upload(
            repository.id,
            "main",
            started.upload_id,
            "big",
            complete_presign_multipart_upload=CompletePresignMultipartUpload(
                physical_address=started.physical_address, parts=parts, user_metadata={"k": "v"}
            ),
        )

        assert stats.size_bytes == sum(map(len, contents))
        assert repository.read("main", "big") == b"".join(contents)

    def test_abort_leaves_nothing(self, repository: Repository) -> None:
        api = repository.client.experimental_api
        started = api.create_presign_multipart_upload(repository.id, "main", "big", parts=1)

        api.abort_presign_multipart_upload(
            repository.id,
            "main",
            started.upload_id,
            "big",
            abort_presign_multipart_upload=AbortPresignMultipartUpload(physical_address=started.physical_address),
        )

        assert repository.paths("main") == []


class TestDelete:
    def test_of_committed_and_staged_objects(self, repository: Repository) -> None:
        repository.put_and_commit("main", "committed", b"x")
        repository.put("main", "staged", b"x")

        for path in ("committed", "staged", "never was"):
            repository.client.objects_api.delete_object(repository.id, "main", path)

        assert repository.paths("main") == []
        assert repository.paths("main@") == ["committed"]

    def test_of_many_at_once(self, repository: Repository) -> None:
        for path in ("a", "b", "c"):
            repository.put("main", path, b"x")

        answer = repository.client.objects_api.delete_objects(repository.id, "main", PathList(paths=["a", "c", "d"]))

        assert answer.errors == []
        assert repository.paths("main") == ["b"]


class TestCopy:
    def test_is_a_new_object_with_the_same_content(self, repository: Repository) -> None:
        source = repository.put("main", "a", b"x", user_metadata={"k": "v"})
        repository.branch("work")
        copy = ObjectCopyCreation(src_path="a", src_ref="main")

        copied = repository.client.objects_api.copy_object(repository.id, "work", "b", copy)

        assert repository.read("work", "b") == b"x"
        assert (copied.checksum, copied.metadata) == (source.checksum, {"k": "v"})
        assert copied.physical_address != source.physical_address

    def test_shallow_copy_is_not_supported(self, repository: Repository) -> None:
        repository.put("main", "a", b"x")

        with pytest.raises(ApiException) as error:
            repository.client.objects_api.copy_object(
                repository.id, "main", "b", ObjectCopyCreation(src_path="a", shallow=True)
            )

        assert error.value.status == 501

    def test_metadata_can_be_rewritten(self, repository: Repository) -> None:
        repository.put("main", "a", b"x", user_metadata={"old": "1"})

        repository.client.experimental_api.update_object_user_metadata(
            repository.id, "main", "a", UpdateObjectUserMetadata(set={"new": "2"})
        )

        stats = repository.client.objects_api.stat_object(repository.id, "main", "a")
        assert stats.metadata == {"new": "2"}
        assert repository.read("main", "a") == b"x"
