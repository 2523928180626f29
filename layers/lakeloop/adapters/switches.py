"""Which endpoints people switched off, and what was done about findings: small objects in the artifacts bucket."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lakeloop import names
from lakeloop.adapters.s3 import body_of
from lakeloop.reconciliation.ports import Answer

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@dataclass(frozen=True)
class Off:
    """Who wants no endpoint, when that was said (ISO 8601) and why."""

    who: str
    at: str
    why: str


class S3SwitchList:
    """One object per endpoint that is off, to look at."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def is_off(self, dataset: str) -> bool:
        return self.get(dataset) is not None

    def get(self, dataset: str) -> Off | None:
        found = _read(self._client, self._bucket, names.endpoint_off_key(dataset))
        return Off(**found) if found else None


class S3Switches(S3SwitchList):
    """Switches endpoints off and on."""

    def off(self, dataset: str, off: Off) -> None:
        _write(self._client, self._bucket, names.endpoint_off_key(dataset), asdict(off))

    def on(self, dataset: str) -> None:
        self._client.delete_object(Bucket=self._bucket, Key=names.endpoint_off_key(dataset))


class S3Answers:
    """One object per finding."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def get(self, dataset: str, finding: str) -> Answer | None:
        found = _read(self._client, self._bucket, names.answer_key(dataset, finding))
        return Answer(found["times"], datetime.fromisoformat(found["at"])) if found else None

    def put(self, dataset: str, finding: str, answer: Answer) -> None:
        told = {"finding": finding, "times": answer.times, "at": answer.at.isoformat()}
        _write(self._client, self._bucket, names.answer_key(dataset, finding), told)


def _read(client: "S3Client", bucket: str, key: str) -> dict[str, Any] | None:
    body = body_of(client, bucket, key)
    found: dict[str, Any] | None = json.loads(body) if body is not None else None
    return found


def _write(client: "S3Client", bucket: str, key: str, told: dict[str, Any]) -> None:
    client.put_object(Bucket=bucket, Key=key, Body=json.dumps(told).encode(), ContentType="application/json")
