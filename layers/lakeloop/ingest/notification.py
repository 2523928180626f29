"""What an S3 notification says has landed."""

import json
from dataclasses import dataclass
from urllib.parse import unquote_plus

from lakeloop.errors import MalformedMessageError, UnknownPrefixError
from lakeloop.messages import Message, unwrapped
from lakeloop.names import digest

PREFIX = "incoming/"


@dataclass(frozen=True)
class LandedObject:
    """One version of one object, the unit of ingest."""

    bucket: str
    key: str
    version: str
    dataset: str

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    @property
    def event_id(self) -> str:
        """Names this version wherever it is handled: twice delivered is once done."""
        return digest(self.bucket, self.key, self.version, length=32)

    @property
    def source_id(self) -> str:
        """Names the key whatever its version: a file dropped again under its name replaces its rows."""
        return digest(self.bucket, self.key, length=32)

    def __str__(self) -> str:
        return f"{self.uri}?versionId={self.version}"


def landed_objects(message: Message) -> list[LandedObject]:
    """The objects one message tells of; none for the test event that S3 sends when notifications are switched on.

    Raises MalformedMessageError for anything that is not an S3 notification, UnknownPrefixError for an object
    outside `incoming/<dataset>/`.
    """
    body = json.loads(unwrapped(message.body))
    if not isinstance(body, dict) or ("Records" not in body and body.get("Event") != "s3:TestEvent"):
        raise MalformedMessageError(f"not an S3 notification: {message.body[:200]}")
    try:
        return [_landed_object(record["s3"]) for record in body.get("Records", [])]
    except (KeyError, TypeError) as error:
        raise MalformedMessageError(f"an S3 notification without {error}: {message.body[:200]}") from error


def _landed_object(entity: dict[str, dict[str, str]]) -> LandedObject:
    bucket = entity["bucket"]["name"]
    # Keys come form-encoded: a space as `+`, a plus as `%2B`.
    key = unquote_plus(entity["object"]["key"])
    version = entity["object"]["versionId"]
    dataset, slash, rest = key.removeprefix(PREFIX).partition("/")
    if not key.startswith(PREFIX) or not slash or not dataset or not rest:
        raise UnknownPrefixError(
            f"{key} is not at {PREFIX}<dataset>/<file>: drop it there",
            subject=f"s3://{bucket}/{key}?versionId={version}",
        )
    return LandedObject(bucket=bucket, key=key, version=version, dataset=dataset)
