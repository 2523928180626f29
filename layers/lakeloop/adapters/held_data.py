"""What a bucket holds beside the objects that Terraform put there itself."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lakeloop.adapters.aws import error_code

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

# Of the artifacts bucket: code, contracts and what was rolled out, which Terraform deletes with all their versions.
OF_TERRAFORM = frozenset({"contracts/", "functions/", "layers/", "rollouts/"})


class HeldData:
    """Versions and delete markers count too: S3 deletes no bucket that has one."""

    def __init__(self, client: "S3Client") -> None:
        self._client = client

    def places(self, bucket: str) -> Iterator[str]:
        """The topmost folders that hold data, as addresses, and the bucket itself for what lies in none."""
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=bucket, Delimiter="/")
        loose = False
        try:
            for page in pages:
                for folder in page.get("CommonPrefixes", []):
                    if folder["Prefix"] not in OF_TERRAFORM:
                        yield f"s3://{bucket}/{folder['Prefix']}"
                loose = loose or bool(page.get("Versions") or page.get("DeleteMarkers"))
        except ClientError as error:
            if error_code(error) != "NoSuchBucket":
                raise
        if loose:
            yield f"s3://{bucket}"
