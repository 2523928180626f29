"""Which endpoint callers of a dataset are sent to: an object in the artifacts bucket, none while it is the first."""

import json
from datetime import datetime
from typing import TYPE_CHECKING

from lakeloop import names
from lakeloop.adapters.s3 import body_of
from lakeloop.deployment.ports import Placement

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


class S3Placements:
    """Reads, by what a function knows where to ask."""

    def __init__(self, client: "S3Client", bucket: str, name_prefix: str) -> None:
        self._client = client
        self._bucket = bucket
        self._name_prefix = name_prefix

    def of(self, dataset: str) -> Placement:
        body = body_of(self._client, self._bucket, names.placement_key(dataset))
        if body is None:
            return Placement(names.endpoint(self._name_prefix, dataset))
        found = json.loads(body)
        return Placement(found["endpoint"], datetime.fromisoformat(found["since"]))

    def current(self, endpoint: str) -> str:
        """The endpoint that answers, by the name of either of a dataset's."""
        return self.of(names.dataset_of(self._name_prefix, endpoint)).endpoint


class S3PlacementsKept(S3Placements):
    """Sends callers elsewhere."""

    def move(self, dataset: str, to: Placement) -> None:
        body = {"endpoint": to.endpoint, "since": to.since.isoformat(timespec="seconds") if to.since else ""}
        self._client.put_object(Bucket=self._bucket, Key=names.placement_key(dataset), Body=json.dumps(body).encode())
