"""How predict has its answers kept: one try each, and clients that may be made only where they are needed."""

import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.config import Config

from lakeloop.adapters.aws import reconnecting
from lakeloop.capture.keys import large_capture_key
from lakeloop.capture.record import Capture
from lakeloop.capture.telling import LARGEST_MESSAGE, told, told_where

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sns.client import SNSClient

PURPOSE = b"sensitive values of captures"
# 150 ms in all, once: the caller waits for it.
CAPTURE_CONFIG = Config(connect_timeout=0.05, read_timeout=0.1, retries={"total_max_attempts": 1})


class SnsCaptures:
    """The topic of answered predictions; what is too large for a message lies in the bucket of captures."""

    def __init__(self, sns: "SNSClient", s3: "Callable[[], S3Client]", topic_arn: str, bucket: str) -> None:
        self._sns = sns
        self._s3 = s3
        self._topic_arn = topic_arn
        self._bucket = bucket

    def tell(self, captures: Sequence[Capture]) -> None:
        message = told(captures)
        if len(message) > LARGEST_MESSAGE:
            message = self._put_aside(captures, message.encode())
        reconnecting(lambda: self._sns.publish(TopicArn=self._topic_arn, Message=message))

    def _put_aside(self, captures: Sequence[Capture], message: bytes) -> str:
        key = large_capture_key(captures[0].dataset, hashlib.sha256(message).hexdigest()[:32])
        reconnecting(lambda: self._s3().put_object(Bucket=self._bucket, Key=key, Body=message))
        return told_where(captures[0].dataset, f"s3://{self._bucket}/{key}", len(captures))


class KmsKeys:
    """What KMS makes of the environment's HMAC key, asked for when it is needed first; the key itself stays there."""

    def __init__(self, client: Callable[[], Any], key_arn: str) -> None:
        self._client = client
        self._key_arn = key_arn

    @cached_property
    def hashing(self) -> bytes:
        made = self._client().generate_mac(KeyId=self._key_arn, MacAlgorithm="HMAC_SHA_256", Message=PURPOSE)
        return bytes(made["Mac"])
