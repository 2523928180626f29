"""A lakeFS server made ready for the loop, and proof that it is."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import lakefs_sdk
from lakefs_sdk.exceptions import ApiException

from lakeloop.adapters.lakefs import LakeFS
from lakeloop.adapters.lakefs_calls import (
    BUDGET_SECONDS,
    CONFLICT,
    GONE,
    NOT_FOUND,
    LakeCaller,
    message_of,
    refusals,
)
from lakeloop.adapters.lakefs_protection import protect_main
from lakeloop.adapters.secrets import LakeCredentials
from lakeloop.errors import UnusableLakeError
from lakeloop.lake.ports import LakeBranch, LakeCommit
from lakeloop.names import INGEST_BRANCH, MAIN
from lakeloop.scratch import scratch

# A server that starts opens its port last; on a small machine, with a database to migrate, that takes a while.
START_SECONDS = 90.0
# For some 7 s after a repository was deleted a server says, from a cache, that it is there.
FORGET_SECONDS = 30.0
# lakeFS writes this object when it makes a repository, and never again.
MARKER = "_lakefs/dummy"
PROBE = b"Written by bootstrap_lake to see that it can be read back.\n"


class LakeSetup:
    """What `terraform apply` does to lakeFS. Every step may be repeated."""

    def __init__(
        self, endpoint: str, read_credentials: Callable[[], LakeCredentials], budget_seconds: float = BUDGET_SECONDS
    ) -> None:
        self._read_credentials = read_credentials
        self._lake = LakeCaller(endpoint, read_credentials, budget_seconds)
        self._api = self._lake.api
        self._writer = LakeFS(endpoint, read_credentials, budget_seconds)

    def set_up(self, wait_seconds: float = START_SECONDS) -> None:
        """Make the first and only user; a server that has one already is left as it is. Waits for one that starts."""
        credentials = self._read_credentials()
        key = lakefs_sdk.AccessKeyCredentials(
            access_key_id=credentials.access_key_id,
            secret_access_key=credentials.secret_access_key.get_secret_value(),
        )
        body = lakefs_sdk.Setup(username="lakeloop", key=key)
        with refusals("set lakeFS up"):
            try:
                self._lake.retried(
                    lambda timeout: self._api.internal_api.setup(body, _request_timeout=timeout), wait_seconds
                )
            except ApiException as error:
                if error.status != CONFLICT:
                    raise

    def check_server(self) -> None:
        """The key is right, objects are in S3, and clients may write them there themselves."""
        with refusals("read the configuration of lakeFS"):
            storage = self._lake.call(self._api.config_api.get_config).storage_config
        if storage.blockstore_type != "s3":
            raise UnusableLakeError(
                f"lakeFS keeps its objects in {storage.blockstore_type!r}, and the loop reads them from S3: start the "
                "server with LAKEFS_BLOCKSTORE_TYPE=s3"
            )
        if not storage.pre_sign_support:
            raise UnusableLakeError(
                "lakeFS gives out no presigned URLs, by which files are written: start the server without "
                "LAKEFS_BLOCKSTORE_S3_DISABLE_PRE_SIGNED"
            )

    def ensure_repository(self, repository: str, storage_namespace: str, *, replace_lost: bool = False) -> None:
        """A repository at this place, with a protected main, that can be written and read.

        One whose objects are gone, because its bucket was emptied, is an error; `replace_lost` makes it anew.
        """
        ends = time.monotonic() + FORGET_SECONDS
        with refusals(f"make repository {repository}"):
            while True:
                try:
                    return self._ensure(repository, storage_namespace)
                except _LostDataError as error:
                    if not replace_lost:
                        raise UnusableLakeError(
                            f"the objects of {repository} at {storage_namespace} are gone ({error}): the lake bucket "
                            "was emptied or made anew while the repository stayed in lakeFS. Bring the objects back, "
                            f"or delete the repository (lakectl repo delete lakefs://{repository}), apply again and "
                            "drop the files again"
                        ) from error
                    self._lake.call(self._api.repositories_api.delete_repository, repository)
                except ApiException as error:
                    if error.status not in {NOT_FOUND, GONE} or time.monotonic() > ends:
                        raise
                time.sleep(1)

    def _ensure(self, repository: str, storage_namespace: str) -> None:
        self._create(repository, storage_namespace)
        # One that was just deleted is said to be there still; its branch is not.
        self._lake.call(self._api.branches_api.get_branch, repository, MAIN)
        protect_main(self._lake, repository, f"{INGEST_BRANCH}0")
        self._prove(repository, storage_namespace)

    def _create(self, repository: str, storage_namespace: str) -> None:
        creation = lakefs_sdk.RepositoryCreation(
            name=repository, storage_namespace=storage_namespace, default_branch=MAIN
        )
        try:
            self._lake.call(self._api.repositories_api.create_repository, creation)
        except ApiException as error:
            if error.status == 400 and "storage" in message_of(error):
                raise UnusableLakeError(
                    f"lakeFS cannot make repository {repository} at {storage_namespace}: {message_of(error)}. If "
                    "objects of an earlier repository are there, which lakeFS no longer knows, restore its database, "
                    "or empty that place; else look at the bucket and at the server's right to write to it"
                ) from error
            if error.status != CONFLICT:
                raise
            found = self._lake.call(self._api.repositories_api.get_repository, repository).storage_namespace
            if found.rstrip("/") != storage_namespace.rstrip("/"):
                raise UnusableLakeError(
                    f"repository {repository} lies at {found}, not at {storage_namespace}: it belongs to another "
                    "environment of the same name. Give this one another project or environment name, or delete "
                    f"that repository (lakectl repo delete lakefs://{repository})"
                ) from error

    def _prove(self, repository: str, storage_namespace: str) -> None:
        """Write an object as an ingest does; read it, the marker of the creation and an object of main from storage."""
        branch = f"{INGEST_BRANCH}probe-{uuid4().hex[:12]}"
        self._writer.ensure_branch(repository, branch)
        try:
            with scratch() as folder:
                probe = Path(folder) / "probe"
                probe.write_bytes(PROBE)
                self._writer.upload(repository, branch, "probe", probe)
            self._read(repository, branch, "probe")
            self._link_marker(repository, branch, storage_namespace)
            self._read(repository, branch, "marker")
            self._read_one(repository)
        finally:
            self._writer.delete_branch(repository, branch)

    def _link_marker(self, repository: str, branch: str, storage_namespace: str) -> None:
        location = lakefs_sdk.StagingLocation(physical_address=f"{storage_namespace.rstrip('/')}/{MARKER}")
        metadata = lakefs_sdk.StagingMetadata(staging=location, checksum="marker", size_bytes=1)
        self._lake.call(self._api.staging_api.link_physical_address, repository, branch, "marker", metadata)

    def _read_one(self, repository: str) -> None:
        """Read the first object of main, if there is any. To list it is to read what storage has of its commit."""
        with _lost("main"):
            page = self._lake.call(self._api.objects_api.list_objects, repository, MAIN, amount=1)
        for entry in page.results:
            self._read(repository, MAIN, entry.path)

    def _read(self, repository: str, ref: str, path: str) -> None:
        with _lost(path):
            self._lake.call(self._api.objects_api.get_object, repository, ref, path, range="bytes=0-0")

    def holds_data(self, repository: str) -> bool:
        return self._writer.holds_data(repository)

    def branches(self, repository: str, prefix: str) -> Iterator[LakeBranch]:
        return self._writer.branches(repository, prefix)

    def commit_at(self, repository: str, ref: str) -> LakeCommit:
        return self._writer.commit_at(repository, ref)

    def log(self, repository: str, ref: str) -> Iterator[LakeCommit]:
        return self._writer.log(repository, ref)

    def last_written(self, repository: str, branch: str) -> int | None:
        with refusals(f"look at {branch} of {repository}"):
            paths = self._writer.uncommitted(repository, branch)
            times = [
                entry.mtime
                for path in paths
                for entry in self._lake.pages(self._api.objects_api.list_objects, repository, branch, prefix=path)
                if entry.path == path
            ]
        return max(times, default=None)

    def delete_branch(self, repository: str, branch: str) -> None:
        self._writer.delete_branch(repository, branch)


class _LostDataError(Exception):
    """An object of which lakeFS knows is not in storage."""


@contextmanager
def _lost(what: str) -> Iterator[None]:
    try:
        yield
    except ApiException as error:
        if error.status == GONE:
            raise _LostDataError(f"{what}: {message_of(error)}") from error
        raise
