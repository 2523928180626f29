"""The objects that jobs read and write."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
SERVICE = r"s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com"
HOSTED = re.compile(rf"https://(?P<bucket>[^/]+?)\.{SERVICE}(?:/(?P<key>.*))?")
PATHED = re.compile(rf"https://{SERVICE}/(?P<bucket>[^/]+)(?:/(?P<key>.*))?")
MISSING = frozenset({"404", "NoSuchKey", "NoSuchBucket", "NotFound"})


@dataclass(frozen=True)
class S3Uri:
    bucket: str
    key: str

    @classmethod
    def parse(cls, uri: str) -> "S3Uri":
        """Of `s3://bucket/key`, or of an object's web address, which SageMaker takes too."""
        if match := HOSTED.fullmatch(uri):
            return cls(match["bucket"], match["key"] or "")
        if match := PATHED.fullmatch(uri):
            return cls(match["bucket"], match["key"] or "")
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return cls(bucket, key)

    def below(self, *names: str) -> "S3Uri":
        return S3Uri(self.bucket, "/".join(part for part in (self.key.strip("/"), *names) if part))

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


class Objects:
    """S3, wherever AWS_ENDPOINT_URL says it is."""

    def __init__(self, region: str) -> None:
        config = Config(retries={"mode": "standard", "max_attempts": 4}, s3={"addressing_style": "path"})
        self._client: S3Client = boto3.client("s3", region_name=region, config=config)

    def below(self, prefix: S3Uri) -> Iterator[S3Uri]:
        """All objects whose key starts with the prefix's, folder markers left out."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=prefix.bucket, Prefix=prefix.key)
        for page in pages:
            for found in page.get("Contents", []):
                if not found["Key"].endswith("/"):
                    yield S3Uri(prefix.bucket, found["Key"])

    def exists(self, uri: S3Uri) -> bool:
        try:
            self._client.head_object(Bucket=uri.bucket, Key=uri.key)
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return False
            raise
        return True

    def read(self, uri: S3Uri) -> bytes:
        return self._client.get_object(Bucket=uri.bucket, Key=uri.key)["Body"].read()

    def write(self, uri: S3Uri, content: bytes) -> None:
        self._client.put_object(Bucket=uri.bucket, Key=uri.key, Body=content)

    def download(self, uri: S3Uri, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        self._client.download_file(uri.bucket, uri.key, str(target))

    def upload(self, source: Path, uri: S3Uri) -> None:
        self._client.upload_file(str(source), uri.bucket, uri.key)
