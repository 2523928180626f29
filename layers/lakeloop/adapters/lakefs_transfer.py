"""The bytes of the lake's objects, which go to and come from S3 by the addresses that lakeFS signs."""

from functools import partial
from pathlib import Path
from typing import Any

import urllib3
from lakefs_sdk.exceptions import ApiException

from lakeloop.adapters.lakefs_calls import FORBIDDEN, LakeCaller, Timeout
from lakeloop.errors import PermanentError
from lakeloop.side_by_side import THREADS

PIECE_BYTES = 1024 * 1024


class Transfer:
    """Moves bytes between local files and S3."""

    def __init__(self, lake: LakeCaller) -> None:
        self._lake = lake
        self._http = urllib3.PoolManager(maxsize=THREADS, retries=False)

    def send(self, repository: str, branch: str, path: str, file: Path) -> Any:  # noqa: ANN401 the SDK is untyped
        """Put the bytes to a place that lakeFS gives out; the place.

        lakeFS does not look whether the bytes arrived before they are linked, so this must.
        """
        for _ in range(2):
            staging = self._lake.call(
                self._lake.api.staging_api.get_physical_address, repository, branch, path, presign=True
            )
            try:
                self._lake.retried(partial(self._put, staging.presigned_url, file))
            except _PutRefusedError as error:
                # A URL may have run out, with the session of the role that signed it: one more.
                refused = error
            else:
                return staging
        raise PermanentError(
            f"write {path} on {branch} of {repository}: S3 refuses the bytes with {refused}. "
            "The role of the lakeFS server signs for them: it needs s3:PutObject on the lake bucket, and "
            "kms:GenerateDataKey and kms:Decrypt on the bucket's key"
        ) from refused

    def _put(self, url: str, file: Path, timeout: Timeout) -> None:
        with file.open("rb") as body:
            length = {"Content-Length": str(file.stat().st_size)}
            answer = self._http.request("PUT", url, body=body, headers=length, timeout=urllib3.Timeout(*timeout))
        if answer.status != 200:
            said = answer.data.decode(errors="replace")[:200]
            if answer.status in (400, FORBIDDEN):
                raise _PutRefusedError(f"{answer.status}: {said}")
            raise ApiException(status=answer.status, reason=said)

    def get(self, url: str, file: Path) -> None:
        """Write what lies at a signed address to a file."""
        self._lake.retried(partial(self._get, url, file))

    def _get(self, url: str, file: Path, timeout: Timeout) -> None:
        answer = self._http.request("GET", url, preload_content=False, timeout=urllib3.Timeout(*timeout))
        try:
            if answer.status != 200:
                raise ApiException(status=answer.status, reason=answer.read().decode(errors="replace")[:200])
            with file.open("wb") as body:
                for piece in answer.stream(PIECE_BYTES):
                    body.write(piece)
        finally:
            answer.release_conn()


class _PutRefusedError(Exception):
    """S3 refuses a presigned URL."""
