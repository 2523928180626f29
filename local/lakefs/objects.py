"""The objects' bytes: S3, at addresses `s3://<bucket>/<key>`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from lakeloop.local.lakefs.errors import BadRequest, Forbidden, Gone, LakeFSError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PRESIGNED_SECONDS = 15 * 60
_CHUNK_BYTES = 1024 * 1024
_CONNECTIONS = 32
_ERRORS: dict[str, type[LakeFSError]] = {
    "404": Gone,
    "NoSuchKey": Gone,
    "NoSuchBucket": Gone,
    "403": Forbidden,
    "AccessDenied": Forbidden,
    "NoSuchUpload": BadRequest,
    "InvalidPart": BadRequest,
    "InvalidPartOrder": BadRequest,
    "EntityTooSmall": BadRequest,
}


@dataclass(frozen=True)
class Address:
    """A place in S3."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, text: str) -> Address:
        scheme, _, rest = text.partition("://")
        bucket, _, key = rest.partition("/")
        if scheme != "s3" or not bucket:
            raise BadRequest(f"{text!r} is not an address in S3: expected s3://<bucket>/<key>")
        return cls(bucket, key)

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


class ObjectStore:
    """What is asked of S3. Endpoint and credentials come from the environment, as boto3 reads them."""

    def __init__(self) -> None:
        self._s3: S3Client = boto3.client(
            "s3",
            region_name=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                max_pool_connections=_CONNECTIONS,
                # A presigned PUT must not demand a checksum header that a plain HTTP client does not send.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def put(self, address: Address, body: IO[bytes] | bytes, content_type: str) -> None:
        with _translated(address):
            self._s3.put_object(Bucket=address.bucket, Key=address.key, Body=body, ContentType=content_type)

    def read(self, address: Address, byte_range: tuple[int, int] | None = None) -> Iterator[bytes]:
        """The bytes, or those from a first to a last position; the request is made before this returns."""
        with _translated(address):
            if byte_range is None:
                answer = self._s3.get_object(Bucket=address.bucket, Key=address.key)
            else:
                wanted = f"bytes={byte_range[0]}-{byte_range[1]}"
                answer = self._s3.get_object(Bucket=address.bucket, Key=address.key, Range=wanted)
        return answer["Body"].iter_chunks(_CHUNK_BYTES)

    def read_all(self, address: Address) -> bytes:
        return b"".join(self.read(address))

    def exists(self, address: Address) -> bool:
        try:
            self.storage_class(address)
        except Gone:
            return False
        return True

    def storage_class(self, address: Address) -> str:
        with _translated(address):
            return self._s3.head_object(Bucket=address.bucket, Key=address.key).get("StorageClass", "STANDARD")

    def copy(self, source: Address, target: Address) -> None:
        with _translated(source):
            self._s3.copy({"Bucket": source.bucket, "Key": source.key}, target.bucket, target.key)

    def presign_get(self, address: Address) -> str:
        return self._s3.generate_presigned_url(
            "get_object", Params={"Bucket": address.bucket, "Key": address.key}, ExpiresIn=PRESIGNED_SECONDS
        )

    def presign_put(self, address: Address) -> str:
        return self._s3.generate_presigned_url(
            "put_object", Params={"Bucket": address.bucket, "Key": address.key}, ExpiresIn=PRESIGNED_SECONDS
        )

    def presign_part(self, address: Address, upload_id: str, part_number: int) -> str:
        return self._s3.generate_presigned_url(
            "upload_part",
            Params={"Bucket": address.bucket, "Key": address.key, "UploadId": upload_id, "PartNumber": part_number},
            ExpiresIn=PRESIGNED_SECONDS,
        )

    def start_multipart(self, address: Address) -> str:
        with _translated(address):
            return self._s3.create_multipart_upload(Bucket=address.bucket, Key=address.key)["UploadId"]

    def complete_multipart(self, address: Address, upload_id: str, etags: Iterable[tuple[int, str]]) -> tuple[str, int]:
        """Put the parts together; the checksum and the size of the whole."""
        parts: list[CompletedPartTypeDef] = [{"PartNumber": number, "ETag": etag} for number, etag in etags]
        with _translated(address):
            done = self._s3.complete_multipart_upload(
                Bucket=address.bucket, Key=address.key, UploadId=upload_id, MultipartUpload={"Parts": parts}
            )
            size = self._s3.head_object(Bucket=address.bucket, Key=address.key)["ContentLength"]
        return done["ETag"].strip('"'), size

    def abort_multipart(self, address: Address, upload_id: str) -> None:
        with _translated(address):
            self._s3.abort_multipart_upload(Bucket=address.bucket, Key=address.key, UploadId=upload_id)


@contextmanager
def _translated(address: Address) -> Iterator[None]:
    """S3's refusals as lakeFS reports them."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        kind = _ERRORS.get(code, LakeFSError)
        raise kind(f"{address}: {error}") from error
