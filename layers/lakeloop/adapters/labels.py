"""The labels in the objects of a commit."""

import io
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


class S3Labels:
    """Reads the label column, the first one, of features in S3."""

    def __init__(self, client: "S3Client") -> None:
        self._client = client

    def codes(self, physical_address: str) -> set[int]:
        bucket, _, key = physical_address.removeprefix("s3://").partition("/")
        body = self._client.get_object(Bucket=bucket, Key=key)["Body"].read()
        return {int(code) for code in pl.read_parquet(io.BytesIO(body), columns=[0]).to_series().unique()}
