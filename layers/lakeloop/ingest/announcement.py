"""What S3 would say of an object, said again: of the same form and version as its own notifications."""

import json
from datetime import UTC, datetime
from urllib.parse import quote_plus

from lakeloop.ingest.notification import AGAIN, REMOVED, LandedObject
from lakeloop.ingest.ports import UNVERSIONED, etag_of

EVENT_VERSION = "2.1"
CREATED = "ObjectCreated:Put"
DELETED = f"{REMOVED}DeleteMarkerCreated"


def announcement(landed: LandedObject) -> str:
    """The notification of an object; `landed_objects` reads the same object from it."""
    etag = etag_of(landed.version)
    told = {
        "key": quote_plus(landed.key),
        "eTag": etag,
        "versionId": UNVERSIONED if etag else landed.version,
        "sequencer": landed.sequencer,
    }
    record: dict[str, object] = {
        "eventVersion": EVENT_VERSION,
        "eventSource": "aws:s3",
        "eventName": DELETED if landed.removed else CREATED,
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": AGAIN,
            "bucket": {"name": landed.bucket, "arn": f"arn:aws:s3:::{landed.bucket}"},
            "object": {name: value for name, value in told.items() if value},
        },
    }
    if landed.told_at:
        record["eventTime"] = datetime.fromtimestamp(landed.told_at, UTC).isoformat()
    return json.dumps({"Records": [record]})
