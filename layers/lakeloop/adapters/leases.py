"""A lease per dataset by S3's conditional writes: one invocation of a function at a time works on it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

import json
import time
import uuid
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lakeloop import names
from lakeloop.adapters.aws import error_code
from lakeloop.errors import TransientError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

# Somebody else wrote, is writing, or deleted the object: whoever meets these is not the holder.
LOST_CODES = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "NoSuchKey"})


@dataclass(frozen=True)
class Written:
    """What the lease's object says: until when (seconds since 1970) whom it belongs to, and the job noted last."""

    holder: str = ""
    until: float = 0
    job: str = ""


class S3Leases:
    """Taken with If-None-Match, taken over after its time with If-Match."""

    def __init__(self, client: "S3Client", bucket: str, function: str = "start_tuning") -> None:
        self._client = client
        self._bucket = bucket
        self._function = function

    def take(self, dataset: str, seconds: float) -> "S3Lease":
        key = names.lease_key(self._function, dataset)
        found, etag = self._read(key)
        if found.until > time.time():
            raise TransientError(
                f"another {self._function} works on {dataset}; its lease ends in {found.until - time.time():.0f} s",
                subject=key,
            )
        wanted = Written(holder=uuid.uuid4().hex, until=time.time() + seconds, job=found.job)
        return S3Lease(self, key, wanted, self.write(key, wanted, etag))

    def write(self, key: str, wanted: Written, etag: str | None) -> str:
        """Write unless the object changed since `etag`, or is there where `etag` is None; the new etag."""
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        try:
            answer = self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=json.dumps(asdict(wanted)).encode(),
                **condition,  # type: ignore[arg-type]
            )
        except ClientError as error:
            if error_code(error) not in LOST_CODES:
                raise
            found, found_etag = self._read(key)
            if found == wanted and found_etag:
                # A retry of the client met what its first attempt had written.
                return found_etag
            raise TransientError(f"the lease {key} went to another {self._function}", subject=key) from error
        return answer["ETag"]

    def _read(self, key: str) -> tuple[Written, str | None]:
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error_code(error) == "NoSuchKey":
                return Written(), None
            raise
        return Written(**json.loads(found["Body"].read())), found["ETag"]


class S3Lease:
    """A lease that is held. Whoever lost it meanwhile cannot write to it, and so cannot start what it has not noted."""

    def __init__(self, leases: S3Leases, key: str, written: Written, etag: str) -> None:
        self._leases = leases
        self._key = key
        self._written = written
        self._etag = etag

    @property
    def job(self) -> str:
        return self._written.job

    def note(self, job: str) -> None:
        self._write(replace(self._written, job=job))

    def release(self) -> None:
        self._write(replace(self._written, until=0))

    def _write(self, wanted: Written) -> None:
        self._etag = self._leases.write(self._key, wanted, self._etag)
        self._written = wanted
