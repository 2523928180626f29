"""What S3 and SNS really send, in all the shapes they send it."""

import json
from datetime import UTC, datetime

import pytest

from lakeloop.errors import MalformedMessageError, UnknownDatasetError, UnknownPrefixError, UnversionedObjectError
from lakeloop.ingest.notification import landed_objects
from lakeloop.messages import DataCommitted, subject
from tests.cases import OPS
from tests.fakes import message, notification

KEY = "incoming/tiny/a b+c%.csv"


def test_keys_are_decoded_as_s3_encodes_them() -> None:
    plus, escaped = (notification(key) for key in ("incoming/tiny/a+b%2Bc.csv", "incoming%2Ftiny%2Fa+b%2Bc.csv"))

    assert landed_objects(message(plus))[0].key == "incoming/tiny/a b+c.csv"
    assert landed_objects(message(escaped))[0].key == "incoming/tiny/a b+c.csv"


def test_an_sns_envelope_is_the_same_as_raw_delivery() -> None:
    raw = notification("incoming/tiny/a.csv")
    wrapped = {"Type": "Notification", "Message": json.dumps(raw)}

    assert landed_objects(message(wrapped)) == landed_objects(message(raw))


def told_by_eventbridge(key: str) -> dict[str, object]:
    object_ = {"key": key, "size": 3, "etag": "d41d8cd98f", "version-id": "v1", "sequencer": "0055AED6DCD90281E5"}
    return {
        "version": "0",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "123456789012",
        "time": "2026-01-01T00:00:00Z",
        "region": "us-east-1",
        "resources": ["arn:aws:s3:::landing"],
        "detail": {"version": "0", "bucket": {"name": "landing"}, "object": object_, "reason": "PutObject"},
    }


def test_eventbridge_tells_of_a_file_as_s3_does_and_of_its_key_as_it_is() -> None:
    """The case bucket-notifications-of-others: a bucket whose notifications are theirs is heard of by EventBridge."""
    theirs = json.loads((OPS / "bucket-notifications-of-others" / "others.json").read_text())["QueueConfigurations"][0]
    [heard] = landed_objects(message({"Type": "Notification", "Message": json.dumps(told_by_eventbridge(KEY))}))

    assert heard == landed_objects(message(notification("incoming/tiny/a+b%2Bc%25.csv")))[0]
    assert (heard.key, heard.sequencer, heard.told_at) == (KEY, "0055AED6DCD90281E5", 1767225600)
    assert subject(json.dumps(told_by_eventbridge(KEY))) == f"s3://landing/{KEY}?versionId=v1"
    with pytest.raises(UnknownPrefixError):
        landed_objects(message(told_by_eventbridge(theirs["Filter"]["Key"]["FilterRules"][0]["Value"] + "a.csv")))


@pytest.mark.parametrize("body", [{"Event": "s3:TestEvent", "Bucket": "b"}, {"Records": []}])
def test_what_tells_of_no_object_is_nothing_to_do(body: dict[str, object]) -> None:
    assert landed_objects(message(body)) == []


def test_two_versions_of_a_key_are_two_events_of_one_source() -> None:
    [first], [second] = (landed_objects(message(notification("incoming/tiny/a.csv", v))) for v in ("v1", "v2"))

    assert first.event_id != second.event_id
    assert first.source_id == second.source_id


@pytest.mark.parametrize("key", ["elsewhere/tiny/a.csv", "incoming/a.csv", "incoming//a.csv"])
def test_an_object_outside_a_dataset_is_refused_with_its_address(key: str) -> None:
    with pytest.raises(UnknownPrefixError) as error:
        landed_objects(message(notification(key)))

    assert error.value.subject == f"s3://landing/{key}?versionId=v1"


@pytest.mark.parametrize(
    "name", ["", "sub/", "_SUCCESS", ".DS_Store", "sub/.DS_Store", "._a.csv", "_committed_123", "_started_123"]
)
def test_folders_and_what_tools_leave_beside_files_are_nothing_to_do(name: str) -> None:
    assert landed_objects(message(notification(f"incoming/tiny/{name}"))) == []
    assert landed_objects(message(notification("incoming/"))) == []


def test_dataset_name_too_long() -> None:
    """A name that no key of a contract could hold is no dataset; the sentence cuts it."""
    name = (OPS / "dataset-name-too-long" / "request.txt").read_text().split("/")[3].partition(".")[0] * 250

    with pytest.raises(UnknownDatasetError) as error:
        landed_objects(message(notification(f"incoming/{name}/a.csv")))

    assert len(str(error.value)) < 200
    assert error.value.subject.startswith("s3://landing/incoming/aaaa")


def test_versioning_suspended() -> None:
    """The event has no version: the letter names the object and what to switch on."""
    event = json.loads((OPS / "versioning-suspended" / "event.json").read_text())

    with pytest.raises(UnversionedObjectError) as error:
        landed_objects(message(event))

    assert error.value.subject == "s3://lakeloop-dev-landing-123456789012/incoming/breast_cancer/susp.csv"
    assert str(error.value) == (
        "versioning of lakeloop-dev-landing-123456789012 is off: switch it on, then "
        "`lakeloop replay breast_cancer --file susp.csv`"
    )


@pytest.mark.parametrize(
    "body",
    [
        "no json",
        '"text"',
        "[]",
        "{}",
        "null",
        '{"Records": null}',
        '{"Records": "x"}',
        '{"Records": [null]}',
        '{"Records": [{}]}',
        '{"Records": [{"s3": {}}]}',
        '{"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": null}}}]}',
        '{"Records": [{"s3": {"bucket": {"name": 1}, "object": {"key": "k"}}}]}',
        '{"Type": "Notification", "Message": "not JSON"}',
        '{"Type": "Notification", "Message": null}',
        "[" * 100_000,
    ],
)
def test_anything_else_is_malformed(body: str) -> None:
    with pytest.raises(MalformedMessageError):
        landed_objects(message(body))


def test_a_commit_message_that_is_none_says_which_fields_without_their_values() -> None:
    with pytest.raises(MalformedMessageError) as error:
        DataCommitted.parse('{"dataset": "Jane Doe", "commit": 7}')

    said = str(error.value)
    assert "commit" in said
    assert "repository" in said
    assert "Jane" not in said
    assert "https://" not in said


def test_an_object_landed_when_its_event_says() -> None:
    told = notification("incoming/tiny/a.csv")
    told["Records"][0]["eventTime"] = "2026-11-27T10:05:00.250Z"  # type: ignore[index]

    [landed], [silent] = landed_objects(message(told)), landed_objects(message(notification("incoming/tiny/a.csv")))

    assert landed.told_at == datetime(2026, 11, 27, 10, 5, 0, 250_000, UTC).timestamp()
    assert silent.told_at == 0
    assert landed == silent, "one version of an object, whatever is said of it"
