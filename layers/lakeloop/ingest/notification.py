"""What an S3 notification says has landed."""

import shlex
from dataclasses import dataclass, field
from urllib.parse import quote_plus, unquote_plus

from pydantic import AwareDatetime, BaseModel, Field, StrictStr, ValidationError

from lakeloop.errors import MalformedMessageError, UnknownDatasetError, UnknownPrefixError, UnversionedObjectError
from lakeloop.ingest.ports import version_name
from lakeloop.messages import Message, parsed, told, unwrapped
from lakeloop.names import DATASET_NAME, event_id, source_id

PREFIX = "incoming/"

# What consoles, Finder, Hadoop and Spark leave beside files.
SUCCESS = "_SUCCESS"
BYSTANDERS = frozenset({"", SUCCESS, ".DS_Store"})
BYSTANDERS_BEGIN = ("._", "_committed_", "_started_")

LONGEST_NAME_TOLD = 60

REMOVED = "ObjectRemoved:"
# Where S3 names the rule of the bucket by which it tells, those name the loop who tell of an object again.
AGAIN = "lakeloop"


class Bucket(BaseModel):
    name: StrictStr


class Object(BaseModel):
    key: StrictStr
    version: StrictStr | None = Field(alias="versionId", default=None)
    etag: str = Field(alias="eTag", default="")
    sequencer: str = ""


class Entity(BaseModel):
    bucket: Bucket
    object: Object
    told_by: str = Field(alias="configurationId", default="")


class Record(BaseModel):
    s3: Entity
    event: str = Field(alias="eventName", default="")
    time: AwareDatetime | None = Field(alias="eventTime", default=None)


class Notification(BaseModel):
    """Of S3's event structure, what ingest reads."""

    records: list[Record] = Field(alias="Records")


class ToldObject(BaseModel):
    """An object as EventBridge tells of it: its key as it is."""

    key: StrictStr
    version: StrictStr | None = Field(alias="version-id", default=None)
    etag: str = ""
    sequencer: str = ""


class Detail(BaseModel):
    bucket: Bucket
    object: ToldObject


class ObjectEvent(BaseModel):
    """What S3 tells EventBridge, where the bucket is somebody else's and its notifications are theirs."""

    detail: Detail
    time: AwareDatetime

    @property
    def record(self) -> Record:
        object_ = self.detail.object
        told_object = {
            "key": quote_plus(object_.key),
            "versionId": object_.version,
            "eTag": object_.etag,
            "sequencer": object_.sequencer,
        }
        entity = {"bucket": {"name": self.detail.bucket.name}, "object": told_object}
        return Record.model_validate({"s3": entity, "eventTime": self.time})


@dataclass(frozen=True)
class LandedObject:
    """One version of one object, the unit of ingest."""

    bucket: str
    key: str
    version: str
    dataset: str
    sequencer: str = field(default="", compare=False)
    """Orders the events of one key, as a hexadecimal number."""
    told_at: float = field(default=0, compare=False)
    """When S3 was done with the object, by its event, in seconds since 1970; 0 where that does not say."""
    mended_by: str = ""
    """The version of its mended rows, where it is read with them."""
    again: bool = field(default=False, compare=False)
    """Whether the loop tells of it, which may have read it before."""
    removed: bool = False
    """Whether the event is that the object, or this version of it, was deleted."""

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    @property
    def event_id(self) -> str:
        """Names this version wherever it is handled: twice delivered is once done."""
        return event_id(self.uri, self.version, self.mended_by)

    @property
    def source_id(self) -> str:
        """Names the key whatever its version: a file dropped again under its name replaces its rows."""
        return source_id(self.uri)

    def __str__(self) -> str:
        return f"{self.uri}?versionId={self.version}"


def landed_objects(message: Message) -> list[LandedObject]:
    """The objects one message tells of; none for S3's test event, for folders and for what tools leave beside files.

    Raises MalformedMessageError for anything that S3 or EventBridge would not say, UnknownPrefixError for an object
    outside `incoming/<dataset>/`, UnknownDatasetError for a name no dataset can have, UnversionedObjectError.
    """
    text = unwrapped(message.body)
    body = parsed(text)
    if isinstance(body, dict) and body.get("Event") == "s3:TestEvent":
        return []
    try:
        records = _records(body)
    except ValidationError as error:
        raise MalformedMessageError(f"not an S3 notification: {told(error)}") from error
    landed = [_landed_object(record) for record in records]
    return [object_ for object_ in landed if object_]


def completed_folders(message: Message) -> list[LandedObject]:
    """The _SUCCESS objects that a message tells of, for datasets of which a folder is one delivery."""
    body = parsed(unwrapped(message.body))
    try:
        records = _records(body)
    except ValidationError:
        return []
    found = []
    for record in records:
        key = unquote_plus(record.s3.object.key)
        dataset, _, below = key.removeprefix(PREFIX).partition("/")
        created = key.startswith(PREFIX) and not record.event.startswith(REMOVED)
        if created and below.rpartition("/")[2] == SUCCESS and DATASET_NAME.fullmatch(dataset):
            found.append(LandedObject(record.s3.bucket.name, key, record.s3.object.version or "", dataset))
    return found


def _records(body: object) -> list[Record]:
    if isinstance(body, dict) and body.get("source") == "aws.s3":
        return [ObjectEvent.model_validate(body).record]
    return Notification.model_validate(body).records


def _landed_object(record: Record) -> LandedObject | None:
    entity = record.s3
    bucket = entity.bucket.name
    # Keys come form-encoded: a space as `+`, a plus as `%2B`.
    key = unquote_plus(entity.object.key)
    version = entity.object.version
    if is_bystander(key):
        return None
    subject = f"s3://{bucket}/{key}" + (f"?versionId={version}" if version else "")
    dataset, slash, _ = key.removeprefix(PREFIX).partition("/")
    if not key.startswith(PREFIX) or not slash or not dataset:
        raise UnknownPrefixError(f"{key} is not at {PREFIX}<dataset>/<file>: drop it there", subject=subject)
    if not DATASET_NAME.fullmatch(dataset):
        told_name = dataset if len(dataset) <= LONGEST_NAME_TOLD else f"{dataset[:LONGEST_NAME_TOLD]}..."
        raise UnknownDatasetError(
            f"no dataset is called {told_name!r}: names are lower case letters, digits and underscores, 40 at most",
            subject=subject,
        )
    told_at = record.time.timestamp() if record.time else 0
    if record.event.startswith(REMOVED):
        return LandedObject(bucket, key, version or "", dataset, entity.object.sequencer, told_at, removed=True)
    if version is None:
        file = shlex.quote(key.removeprefix(f"{PREFIX}{dataset}/"))
        raise UnversionedObjectError(
            f"versioning of {bucket} is off: switch it on, then `lakeloop replay {dataset} --file {file}`",
            subject=subject,
        )
    named = version_name(version, entity.object.etag)
    again = entity.told_by == AGAIN
    return LandedObject(bucket, key, named, dataset, entity.object.sequencer, told_at, again=again)


def is_bystander(key: str) -> bool:
    """Whether a key is a folder, or what tools leave beside files."""
    name = key.rpartition("/")[2]
    return name in BYSTANDERS or name.startswith(BYSTANDERS_BEGIN)
