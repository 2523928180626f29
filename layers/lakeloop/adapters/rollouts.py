"""The rollouts of an environment: versions of one object, which Terraform writes when a function has changed."""

from itertools import islice
from typing import TYPE_CHECKING

from lakeloop import names
from lakeloop.rollout.record import KEPT, Rollout, Written

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


class S3Rollouts:
    """Reads them, newest first."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def kept(self) -> list[Written]:
        """Those that one can go back to, the newest first."""
        pages = self._client.get_paginator("list_object_versions").paginate(
            Bucket=self._bucket, Prefix=names.ROLLOUTS_KEY
        )
        found = ((one["VersionId"], one["LastModified"]) for page in pages for one in page.get("Versions", []))
        return [Written(id=version, at=at, rollout=self._read(version)) for version, at in islice(found, KEPT)]

    def _read(self, version: str) -> Rollout:
        found = self._client.get_object(Bucket=self._bucket, Key=names.ROLLOUTS_KEY, VersionId=version)
        return Rollout.model_validate_json(found["Body"].read())
