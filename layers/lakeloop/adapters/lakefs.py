"""lakeFS through its own SDK, with the timeouts and retries the SDK leaves to its caller."""

import hashlib
import random
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import lakefs_sdk
import urllib3
from lakefs_sdk.client import LakeFSClient
from lakefs_sdk.exceptions import ApiException

from lakeloop.adapters.secrets import LakeCredentials
from lakeloop.errors import TransientError
from lakeloop.lake.ports import LakeCommit, LakeObject
from lakeloop.names import MAIN

T = TypeVar("T")

TIMEOUT_SECONDS = (5.0, 60.0)
TRIES = 5
PAGE = 1000

# 500 is what lakeFS answers to lost races ("predicate failed"); 429 to too many of them.
RETRIED_STATUS = frozenset({429, 500, 502, 503, 504})


class LakeFS:
    """One lakeFS server. Every method may be called again after a crash or a lost answer."""

    def __init__(self, endpoint: str, credentials: LakeCredentials) -> None:
        configuration = lakefs_sdk.Configuration(
            host=endpoint,
            username=credentials.access_key_id,
            password=credentials.secret_access_key.get_secret_value(),
        )
        # The SDK would retry a read timeout three times by itself and reads no proxy or timeout from anywhere.
        configuration.retries = False
        self._api = LakeFSClient(configuration)
        self._http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(*TIMEOUT_SECONDS))

    def ensure_branch(self, repository: str, branch: str) -> None:
        creation = lakefs_sdk.BranchCreation(name=branch, source=MAIN, hidden=True)
        try:
            _call(self._api.branches_api.create_branch, repository, creation)
        except ApiException as error:
            if error.status != 409:
                raise

    def upload(self, repository: str, branch: str, path: str, file: Path) -> None:
        staging = _call(self._api.staging_api.get_physical_address, repository, branch, path, presign=True)
        _retried(lambda: self._put(staging.presigned_url, file))
        with file.open("rb") as body:
            checksum = hashlib.file_digest(body, "sha256").hexdigest()
        # The checksum is part of an entry's identity: by content, so that the same bytes again are no change.
        metadata = lakefs_sdk.StagingMetadata(
            staging=staging, checksum=checksum, size_bytes=file.stat().st_size, content_type="application/x-parquet"
        )
        _call(self._api.staging_api.link_physical_address, repository, branch, path, metadata)

    def _put(self, url: str, file: Path) -> None:
        """lakeFS does not look whether the bytes arrived before they are linked, so this must."""
        with file.open("rb") as body:
            length = {"Content-Length": str(file.stat().st_size)}
            answer = self._http.request("PUT", url, body=body, headers=length)
        if answer.status != 200:
            raise ApiException(status=answer.status, reason=answer.data.decode(errors="replace")[:500])

    def delete(self, repository: str, branch: str, path: str) -> None:
        _call(self._api.objects_api.delete_object, repository, branch, path)

    def objects(self, repository: str, ref: str, prefix: str) -> Iterator[LakeObject]:
        after = ""
        while True:
            page = _call(self._api.objects_api.list_objects, repository, ref, prefix=prefix, after=after, amount=PAGE)
            for entry in page.results:
                yield LakeObject(entry.path, entry.physical_address, entry.size_bytes)
            if not page.pagination.has_more:
                return
            after = page.pagination.next_offset

    def holds_data(self, repository: str) -> bool:
        """Whether anything is committed to main; nothing is in a repository that is not there."""
        try:
            return any(True for _ in self.objects(repository, MAIN, ""))
        except ApiException as error:
            if error.status != 404:
                raise
            return False

    def uncommitted(self, repository: str, branch: str) -> set[str]:
        paths: set[str] = set()
        after = ""
        while True:
            page = _call(self._api.branches_api.diff_branch, repository, branch, after=after, amount=PAGE)
            paths |= {change.path for change in page.results}
            if not page.pagination.has_more:
                return paths
            after = page.pagination.next_offset

    def commit(self, repository: str, branch: str, message: str, metadata: Mapping[str, str]) -> LakeCommit:
        creation = lakefs_sdk.CommitCreation(message=message, metadata=dict(metadata))
        try:
            commit = _call(self._api.commits_api.commit, repository, branch, creation)
        except ApiException as error:
            if not _says_no_changes(error):
                raise
            return self._commit_at(repository, branch)
        return LakeCommit(commit.id, commit.metadata or {})

    def merge(self, repository: str, branch: str, message: str, metadata: Mapping[str, str]) -> LakeCommit:
        merge = lakefs_sdk.Merge(message=message, metadata=dict(metadata))
        try:
            result = _call(self._api.refs_api.merge_into_branch, repository, branch, MAIN, merge=merge)
        except ApiException as error:
            if _says_no_changes(error):
                return self._commit_at(repository, MAIN)
            if error.status == 409:
                self.delete_branch(repository, branch)
                raise TransientError(
                    f"{branch} conflicts with main of {repository}: another delivery replaced the same source. "
                    "The branch is deleted; the next try starts from the new main"
                ) from error
            raise
        return LakeCommit(result.reference, dict(metadata))

    def delete_branch(self, repository: str, branch: str) -> None:
        try:
            _call(self._api.branches_api.delete_branch, repository, branch)
        except ApiException as error:
            if error.status != 404:
                raise

    def head(self, repository: str) -> str:
        return str(_call(self._api.branches_api.get_branch, repository, MAIN).commit_id)

    def log(self, repository: str, ref: str) -> Iterator[LakeCommit]:
        after = ""
        while True:
            page = _call(
                self._api.refs_api.log_commits, repository, ref, after=after, amount=PAGE // 10, first_parent=True
            )
            for commit in page.results:
                yield LakeCommit(commit.id, commit.metadata or {})
            if not page.pagination.has_more:
                return
            after = page.pagination.next_offset

    def set_up(self, credentials: LakeCredentials) -> None:
        """Make the first and only user; a server that has one already is left as it is."""
        key = lakefs_sdk.AccessKeyCredentials(
            access_key_id=credentials.access_key_id,
            secret_access_key=credentials.secret_access_key.get_secret_value(),
        )
        try:
            _call(self._api.internal_api.setup, lakefs_sdk.Setup(username="lakeloop", key=key))
        except ApiException as error:
            if error.status != 409:
                raise

    def ensure_repository(self, repository: str, storage_namespace: str) -> None:
        """Create the repository with a protected main; one that exists must lie in the same place."""
        creation = lakefs_sdk.RepositoryCreation(
            name=repository, storage_namespace=storage_namespace, default_branch=MAIN
        )
        try:
            _call(self._api.repositories_api.create_repository, creation)
        except ApiException as error:
            if error.status != 409:
                raise
            found = _call(self._api.repositories_api.get_repository, repository).storage_namespace
            if found != storage_namespace:
                raise ValueError(f"repository {repository} lies at {found}, not at {storage_namespace}") from error
        rule = lakefs_sdk.BranchProtectionRule(pattern=MAIN)
        _call(self._api.repositories_api.set_branch_protection_rules, repository, [rule])

    def repositories(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Names that begin with `prefix`, each with its storage namespace."""
        after = ""
        while True:
            page = _call(self._api.repositories_api.list_repositories, prefix=prefix, after=after, amount=PAGE)
            yield from ((repository.id, repository.storage_namespace) for repository in page.results)
            if not page.pagination.has_more:
                return
            after = page.pagination.next_offset

    def delete_repository(self, repository: str) -> None:
        """Forget a repository with its whole history; its objects stay where they are in S3."""
        try:
            _call(self._api.repositories_api.delete_repository, repository)
        except ApiException as error:
            if error.status != 404:
                raise

    def _commit_at(self, repository: str, branch: str) -> LakeCommit:
        head = _call(self._api.branches_api.get_branch, repository, branch).commit_id
        commit = _call(self._api.commits_api.get_commit, repository, head)
        return LakeCommit(commit.id, commit.metadata or {})


def _call(operation: Callable[..., Any], *arguments: object, **options: object) -> Any:  # noqa: ANN401 the SDK is untyped
    return _retried(lambda: operation(*arguments, **options, _request_timeout=TIMEOUT_SECONDS))


def _retried(operation: Callable[[], T]) -> T:
    """Retry what may pass: each call this module makes ends the same when it was carried out and its answer lost."""
    for attempt in range(TRIES):
        try:
            return operation()
        except ApiException as error:
            if error.status not in RETRIED_STATUS:
                raise
            last: Exception = error
        except urllib3.exceptions.HTTPError as error:
            last = error
        time.sleep(random.uniform(0, 0.2 * 2**attempt))  # noqa: S311 jitter, not a secret
    raise TransientError(f"lakeFS did not answer after {TRIES} tries: {last}") from last


def _says_no_changes(error: ApiException) -> bool:
    return error.status == 400 and "no changes" in str(error.body).lower()
