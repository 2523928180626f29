"""Files in S3, by their addresses."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lakeloop.adapters.s3 import body_of

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


class S3Objects:
    def __init__(self, client: "S3Client") -> None:
        self._client = client

    def read(self, uri: str) -> bytes | None:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return body_of(self._client, bucket, key)

    def below(self, uri: str) -> Iterator[str]:
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for found in page.get("Contents", []):
                yield f"s3://{bucket}/{found['Key']}"
