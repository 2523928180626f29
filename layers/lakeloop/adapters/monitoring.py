"""What is known of predictions, beside the captures: one object for each dataset, by S3's conditional writes.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lakeloop.adapters.aws import error_code
from lakeloop.adapters.leases import LOST_CODES
from lakeloop.adapters.s3 import NOT_FOUND
from lakeloop.capture.keys import watch_state_key
from lakeloop.errors import TransientError
from lakeloop.monitoring.state import FORMAT, WatchState

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


class S3WatchStates:
    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def get(self, dataset: str) -> tuple[WatchState | None, str]:
        """None where there is none, or another release wrote it: then it is begun anew."""
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=watch_state_key(dataset))
        except ClientError as error:
            if error_code(error) in NOT_FOUND:
                return None, ""
            raise
        state = read_state(found["Body"].read())
        return state, found["ETag"]

    def put(self, dataset: str, state: WatchState, tag: str) -> str:
        """Write unless the object changed since `tag`, or is there where `tag` is empty."""
        key = watch_state_key(dataset)
        condition = {"IfMatch": tag} if tag else {"IfNoneMatch": "*"}
        body = state.model_dump_json().encode()
        try:
            answer = self._client.put_object(Bucket=self._bucket, Key=key, Body=body, **condition)  # type: ignore[arg-type]
        except ClientError as error:
            if error_code(error) not in LOST_CODES:
                raise
            raise TransientError(f"another monitor works on {dataset}", subject=key) from error
        return answer["ETag"]


def read_state(body: bytes) -> WatchState | None:
    """None where another release wrote it."""
    if json.loads(body).get("format") != FORMAT:
        return None
    return WatchState.model_validate_json(body)
