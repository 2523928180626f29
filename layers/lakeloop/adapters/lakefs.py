"""lakeFS through its own SDK, as ingest and training use it."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

import lakefs_sdk
from lakefs_sdk.exceptions import ApiException

from lakeloop.adapters.lakefs_calls import (
    BUDGET_SECONDS,
    CONFLICT,
    FORBIDDEN,
    NOT_FOUND,
    LakeCaller,
    refusals,
    says_no_changes,
)
from lakeloop.adapters.lakefs_refusals import explained
from lakeloop.adapters.lakefs_transfer import Transfer
from lakeloop.adapters.secrets import LakeCredentials
from lakeloop.errors import ForeignObjectError, MergeConflictError
from lakeloop.lake.ports import CORRELATION_KEY, LakeBranch, LakeCommit, LakeObject
from lakeloop.names import MAIN

# Commits carry up to 0.2 MB of metadata each.
LOG_PAGE = 100
# Up to here bytes go through lakeFS itself; larger ones go to S3, by an address that it signs.
SMALL_BYTES = 1024 * 1024
# How far back a delivery looks for its own merge, which an earlier try of it made some minutes ago.
OWN_MERGE_DEPTH = 1000
OTHER_CONTENT = "application/octet-stream"
CONTENT_TYPES = {".parquet": "application/x-parquet", ".json": "application/json"}


class LakeFS:
    """One lakeFS server. Every method may be called again after a crash or a lost answer."""

    def __init__(
        self, endpoint: str, read_credentials: Callable[[], LakeCredentials], budget_seconds: float = BUDGET_SECONDS
    ) -> None:
        """`budget_seconds` bounds each call with all its tries: keep it well below the function's timeout."""
        self._lake = LakeCaller(endpoint, read_credentials, budget_seconds)
        self._api = self._lake.api
        self._transfer = Transfer(self._lake)
        self._buckets: dict[str, str] = {}

    def ensure_branch(self, repository: str, branch: str, at: str = MAIN, *, hidden: bool = True) -> None:
        creation = lakefs_sdk.BranchCreation(name=branch, source=at, hidden=hidden)
        with self._refusals(repository, at, f"make branch {branch} of {repository}"):
            try:
                self._lake.call(self._api.branches_api.create_branch, repository, creation)
            except ApiException as error:
                if error.status != CONFLICT:
                    raise

    def upload(self, repository: str, branch: str, path: str, file: Path) -> None:
        with self._refusals(repository, branch, f"write {path} on {branch} of {repository}"):
            if 0 < file.stat().st_size <= SMALL_BYTES:
                # One call in place of three; so few bytes are no burden to the server.
                self._lake.call(
                    self._api.objects_api.upload_object, repository, branch, path, content=file.read_bytes()
                )
                return
            staging = self._transfer.send(repository, branch, path, file)
            with file.open("rb") as body:
                checksum = hashlib.file_digest(body, "sha256").hexdigest()
            # The checksum is part of an entry's identity: by content, so that the same bytes again are no change.
            metadata = lakefs_sdk.StagingMetadata(
                staging=staging,
                checksum=checksum,
                size_bytes=file.stat().st_size,
                content_type=CONTENT_TYPES.get(PurePosixPath(path).suffix, OTHER_CONTENT),
            )
            self._lake.call(self._api.staging_api.link_physical_address, repository, branch, path, metadata)

    def delete(self, repository: str, branch: str, path: str) -> None:
        with self._refusals(repository, branch, f"delete {path} on {branch} of {repository}"):
            self._lake.call(self._api.objects_api.delete_object, repository, branch, path)

    def objects(self, repository: str, ref: str, prefix: str) -> Iterator[LakeObject]:
        with self._refusals(repository, ref, f"list {prefix} at {ref} of {repository}"):
            bucket = self._bucket(repository)
            for entry in self._lake.pages(self._api.objects_api.list_objects, repository, ref, prefix=prefix):
                if not entry.physical_address.startswith(bucket):
                    raise ForeignObjectError(
                        f"{entry.path} lies in {entry.physical_address}, outside the lake, where training may not "
                        f"read: copy it in (download it, then upload it to a branch of {repository} and merge that)",
                        subject=f"lakefs://{repository}/{ref}/{entry.path}",
                    )
                yield LakeObject(entry.path, entry.physical_address, entry.size_bytes)

    def folders(self, repository: str, ref: str, prefix: str) -> list[str]:
        with self._refusals(repository, ref, f"list {prefix} at {ref} of {repository}"):
            found = self._lake.pages(self._api.objects_api.list_objects, repository, ref, prefix=prefix, delimiter="/")
            paths = [entry.path for entry in found if entry.path_type == "common_prefix"]
        return [path.removeprefix(prefix).rstrip("/") for path in paths]

    def read(self, repository: str, ref: str, path: str) -> bytes | None:
        with self._refusals(repository, ref, f"read {path} at {ref} of {repository}"):
            try:
                return bytes(self._lake.call(self._api.objects_api.get_object, repository, ref, path))
            except ApiException as error:
                if error.status == NOT_FOUND and self._knows(repository, ref):
                    return None
                raise

    def download(self, repository: str, ref: str, path: str, file: Path) -> bool:
        with self._refusals(repository, ref, f"read {path} at {ref} of {repository}"):
            try:
                self._transfer.get(self._signed(repository, ref, path), file)
            except ApiException as error:
                if error.status == NOT_FOUND and self._knows(repository, ref):
                    return False
                if error.status not in (400, FORBIDDEN):
                    raise
                # A URL may have run out, with the session of the role that signed it: one more.
                self._transfer.get(self._signed(repository, ref, path), file)
        return True

    def _signed(self, repository: str, ref: str, path: str) -> str:
        found = self._lake.call(self._api.objects_api.stat_object, repository, ref, path, presign=True)
        return str(found.physical_address)

    def _knows(self, repository: str, ref: str) -> bool:
        """Whether the reference is there, so that it is the object that is not."""
        self._lake.call(self._api.commits_api.get_commit, repository, ref)
        return True

    def _bucket(self, repository: str) -> str:
        """The bucket of the repository, as `s3://<bucket>/`; a repository never moves."""
        if repository not in self._buckets:
            namespace = self._lake.call(self._api.repositories_api.get_repository, repository).storage_namespace
            scheme, _, rest = namespace.partition("://")
            self._buckets[repository] = f"{scheme}://{rest.partition('/')[0]}/"
        return self._buckets[repository]

    def holds_data(self, repository: str) -> bool:
        """Whether anything is committed to main; nothing is in a repository that is not there."""
        with self._refusals(repository, MAIN, f"list main of {repository}"):
            try:
                page = self._lake.call(self._api.objects_api.list_objects, repository, MAIN, amount=1)
            except ApiException as error:
                if error.status != NOT_FOUND:
                    raise
                return False
        return bool(page.results)

    def uncommitted(self, repository: str, branch: str) -> set[str]:
        with self._refusals(repository, branch, f"compare {branch} of {repository} with its last commit"):
            changes = self._lake.pages(self._api.branches_api.diff_branch, repository, branch)
            return {change.path for change in changes}

    def commit(self, repository: str, branch: str, message: str, metadata: Mapping[str, str]) -> LakeCommit:
        creation = lakefs_sdk.CommitCreation(message=message, metadata=dict(metadata))
        with self._refusals(repository, branch, f"commit to {branch} of {repository}"):
            try:
                commit = self._lake.call(self._api.commits_api.commit, repository, branch, creation)
            except ApiException as error:
                if not says_no_changes(error):
                    raise
                return self._own_commit(repository, branch, metadata)
        return _commit(commit)

    def _own_commit(self, repository: str, branch: str, metadata: Mapping[str, str]) -> LakeCommit:
        """What an earlier try of this delivery committed. A branch begins at a commit of main, which is another's."""
        head = self.commit_at(repository, branch)
        merged = self._merged_into_main(repository, branch, head.id)
        if merged is None or head.id in merged.parents[1:]:
            return head
        return self._merge_of_delivery(repository, metadata) or LakeCommit(head.id, {})

    def merge(self, repository: str, branch: str, message: str, metadata: Mapping[str, str]) -> LakeCommit:
        merge = lakefs_sdk.Merge(message=message, metadata=dict(metadata))
        with self._refusals(repository, branch, f"merge {branch} of {repository} into main"):
            try:
                result = self._lake.call(self._api.refs_api.merge_into_branch, repository, branch, MAIN, merge=merge)
            except ApiException as error:
                if says_no_changes(error):
                    return self._own_merge(repository, branch, metadata)
                if error.status == CONFLICT:
                    self.delete_branch(repository, branch)
                    raise MergeConflictError(
                        f"{branch} conflicts with main of {repository}: another delivery changed the same files. "
                        "The branch is deleted; the next try starts from the new main"
                    ) from error
                raise
        return LakeCommit(result.reference, dict(metadata))

    def _own_merge(self, repository: str, branch: str, metadata: Mapping[str, str]) -> LakeCommit:
        head = str(self._lake.call(self._api.branches_api.get_branch, repository, branch).commit_id)
        merged = self._merged_into_main(repository, branch, head)
        if merged and head in merged.parents[1:]:
            return merged
        return self._merge_of_delivery(repository, metadata) or LakeCommit(self.head(repository), {})

    def _merged_into_main(self, repository: str, branch: str, commit: str) -> LakeCommit | None:
        """The commit on main's own line that is the branch's commit, or that brought it in; None while none does."""
        if self.merge_base(repository, branch) != commit:
            return None
        line = self.log(repository, MAIN)
        return next((found for found in line if commit in found.ids), None)

    def merge_base(self, repository: str, ref: str) -> str:
        """The newest commit that a reference and main have in common."""
        with self._refusals(repository, ref, f"compare {ref} of {repository} with main"):
            return str(self._lake.call(self._api.refs_api.find_merge_base, repository, ref, MAIN).base_commit_id)

    def _merge_of_delivery(self, repository: str, metadata: Mapping[str, str]) -> LakeCommit | None:
        """The merge of a delivery whose branch was deleted already and made anew for its repetition."""
        delivery = metadata.get(CORRELATION_KEY)
        recent = islice(self.log(repository, MAIN), OWN_MERGE_DEPTH if delivery else 0)
        return next((found for found in recent if found.metadata.get(CORRELATION_KEY) == delivery), None)

    def revert(self, repository: str, branch: str, undone: LakeCommit, metadata: Mapping[str, str]) -> bool:
        overrides = lakefs_sdk.CommitOverrides(message=f"Revert {undone.id}", metadata=dict(metadata))
        # Of a merge lakeFS wants to know which line stays; other commits have one.
        parent = 1 if len(undone.parents) > 1 else 0
        creation = lakefs_sdk.RevertCreation(ref=undone.id, parent_number=parent, commit_overrides=overrides)
        with self._refusals(repository, branch, f"revert {undone.id} on {branch} of {repository}"):
            try:
                self._lake.call(self._api.branches_api.revert_branch, repository, branch, creation)
            except ApiException as error:
                if error.status == CONFLICT:
                    return False
                if not says_no_changes(error):
                    raise
        return True

    def branches(self, repository: str, prefix: str) -> Iterator[LakeBranch]:
        with self._refusals(repository, MAIN, f"list the branches of {repository}"):
            for branch in self._lake.pages(
                self._api.branches_api.list_branches, repository, prefix=prefix, show_hidden=True
            ):
                yield LakeBranch(branch.id, branch.commit_id)

    def delete_branch(self, repository: str, branch: str) -> None:
        with self._refusals(repository, MAIN, f"delete branch {branch} of {repository}"):
            try:
                self._lake.call(self._api.branches_api.delete_branch, repository, branch)
            except ApiException as error:
                if error.status != NOT_FOUND:
                    raise

    def head(self, repository: str) -> str:
        with self._refusals(repository, MAIN, f"read main of {repository}"):
            return str(self._lake.call(self._api.branches_api.get_branch, repository, MAIN).commit_id)

    def commit_at(self, repository: str, ref: str) -> LakeCommit:
        with self._refusals(repository, ref, f"read commit {ref} of {repository}"):
            return _commit(self._lake.call(self._api.commits_api.get_commit, repository, ref))

    def made_at(self, repository: str) -> int:
        with self._refusals(repository, MAIN, f"look at repository {repository}"):
            return int(self._lake.call(self._api.repositories_api.get_repository, repository).creation_date)

    def log(self, repository: str, ref: str) -> Iterator[LakeCommit]:
        with self._refusals(repository, ref, f"read the log of {ref} of {repository}"):
            log = self._lake.pages(self._api.refs_api.log_commits, repository, ref, amount=LOG_PAGE, first_parent=True)
            yield from map(_commit, log)

    def _refusals(self, repository: str, ref: str, what: str) -> AbstractContextManager[None]:
        return explained(self._lake, repository, ref, what)

    def repositories(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Names that begin with `prefix`, each with its storage namespace."""
        with refusals(f"list the repositories that begin with {prefix}"):
            for found in self._lake.pages(self._api.repositories_api.list_repositories, prefix=prefix):
                yield found.id, found.storage_namespace

    def delete_repository(self, repository: str) -> None:
        """Forget a repository with its whole history; its objects stay where they are in S3."""
        with refusals(f"delete the repository {repository}"):
            try:
                self._lake.call(self._api.repositories_api.delete_repository, repository)
            except ApiException as error:
                if error.status != NOT_FOUND:
                    raise


def _commit(commit: Any) -> LakeCommit:  # noqa: ANN401 the SDK is untyped
    return LakeCommit(commit.id, commit.metadata or {}, tuple(commit.parents), commit.creation_date)
