"""Labels in the bucket of captures."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import ValidationError

from lakeloop import names
from lakeloop.adapters.s3 import body_of
from lakeloop.errors import PermanentError
from lakeloop.feedback.label import Label
from lakeloop.feedback.ports import JoinState

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


class S3JoinStates:
    """What was joined, beside what it was made of."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def get(self, dataset: str) -> JoinState:
        body = body_of(self._client, self._bucket, names.join_state_key(dataset))
        return JoinState.model_validate_json(body) if body is not None else JoinState()

    def put(self, dataset: str, state: JoinState) -> None:
        body = state.model_dump_json().encode()
        self._client.put_object(Bucket=self._bucket, Key=names.join_state_key(dataset), Body=body)


class S3Labels:
    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def keys(self, folder: str) -> Iterator[str]:
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=folder):
            for found in page.get("Contents", []):
                yield found["Key"]

    def put(self, label: Label) -> None:
        self._client.put_object(Bucket=self._bucket, Key=label.key, Body=label.model_dump_json().encode())


class S3KeptLabels(S3Labels):
    """For who joins them."""

    def read(self, key: str) -> Label | None:
        body = body_of(self._client, self._bucket, key)
        try:
            return Label.model_validate_json(body) if body is not None else None
        except ValidationError as error:
            raise PermanentError(f"s3://{self._bucket}/{key} is no label: {error.error_count()} problems") from error
