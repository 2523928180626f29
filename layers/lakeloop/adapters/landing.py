"""The landing bucket as a whole, and what became of the files in it."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lakeloop import names
from lakeloop.adapters.aws import error_code
from lakeloop.adapters.s3 import NOT_FOUND, body_of
from lakeloop.ingest.ports import UNVERSIONED, ListedObject, ListedPage, version_name
from lakeloop.side_by_side import side_by_side

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

# Whose messages tell of landed objects.
LANDING_CHAINS = ("transform_data", "replay_landing")


class S3Listing:
    """Keys with their current versions: `list_objects_v2` tells of no version, and of nothing that is deleted."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self.bucket = bucket

    def page(self, prefix: str, after: str) -> ListedPage:
        # The next page begins after a whole key: its earlier versions, which it ends among, are of no interest.
        if after:
            answer = self._client.list_object_versions(Bucket=self.bucket, Prefix=prefix, KeyMarker=after)
        else:
            answer = self._client.list_object_versions(Bucket=self.bucket, Prefix=prefix)
        objects = [
            ListedObject(
                found["Key"],
                version_name(found.get("VersionId", UNVERSIONED), found["ETag"]),
                found["Size"],
                found["LastModified"].timestamp(),
            )
            for found in answer.get("Versions", [])
            if found["IsLatest"]
        ]
        objects += [
            ListedObject(found["Key"], "", 0, found["LastModified"].timestamp())
            for found in answer.get("DeleteMarkers", [])
            if found["IsLatest"]
        ]
        return ListedPage(
            sorted(objects, key=lambda found: found.key),
            answer["NextKeyMarker"] if answer["IsTruncated"] else "",
        )


class S3Outcomes:
    """Quarantined rows, records of failures and answered findings, all in the artifacts bucket."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def is_quarantined(self, dataset: str, event_id: str) -> bool:
        try:
            self._client.head_object(Bucket=self._bucket, Key=names.quarantine_key(dataset, event_id))
        except ClientError as error:
            if error_code(error) in NOT_FOUND:
                return False
            raise
        return True

    def failed(self) -> Iterator[str]:
        for chain in LANDING_CHAINS:
            prefix, _, _ = names.failure_key(chain, "\0").partition("\0")
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            for page in pages:
                keys = [entry["Key"] for entry in page.get("Contents", [])]
                yield from (str(record.get("object", "")) for record in side_by_side(self._document, keys))

    def answered(self, dataset: str, source_id: str) -> str:
        return str(self._document(names.reconciled_key(dataset, source_id)).get("finding", ""))

    def answer(self, dataset: str, source_id: str, finding: str) -> None:
        body = json.dumps({"finding": finding}).encode()
        self._client.put_object(Bucket=self._bucket, Key=names.reconciled_key(dataset, source_id), Body=body)

    def _document(self, key: str) -> dict[str, object]:
        found: dict[str, object] = json.loads(body_of(self._client, self._bucket, key) or b"{}")
        return found


class S3Drop:
    """The bucket in which files arrive, for who drops them."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, body: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key=key, Body=body)
