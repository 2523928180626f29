"""What S3 and SNS really send, in all the shapes they send it."""

import json

import pytest

from lakeloop.errors import MalformedMessageError, UnknownPrefixError
from lakeloop.ingest.notification import landed_objects
from tests.fakes import message, notification


def test_keys_are_decoded_as_s3_encodes_them() -> None:
    plus, escaped = (notification(key) for key in ("incoming/tiny/a+b%2Bc.csv", "incoming%2Ftiny%2Fa+b%2Bc.csv"))

    assert landed_objects(message(plus))[0].key == "incoming/tiny/a b+c.csv"
    assert landed_objects(message(escaped))[0].key == "incoming/tiny/a b+c.csv"


def test_an_sns_envelope_is_the_same_as_raw_delivery() -> None:
    raw = notification("incoming/tiny/a.csv")
    wrapped = {"Type": "Notification", "Message": json.dumps(raw)}

    assert landed_objects(message(wrapped)) == landed_objects(message(raw))


@pytest.mark.parametrize("body", [{"Event": "s3:TestEvent", "Bucket": "b"}, {"Records": []}])
def test_what_tells_of_no_object_is_nothing_to_do(body: dict[str, object]) -> None:
    assert landed_objects(message(body)) == []


def test_two_versions_of_a_key_are_two_events_of_one_source() -> None:
    [first], [second] = (landed_objects(message(notification("incoming/tiny/a.csv", v))) for v in ("v1", "v2"))

    assert first.event_id != second.event_id
    assert first.source_id == second.source_id


@pytest.mark.parametrize("key", ["elsewhere/tiny/a.csv", "incoming/a.csv", "incoming//a.csv", "incoming/tiny/"])
def test_an_object_outside_a_dataset_is_refused_with_its_address(key: str) -> None:
    with pytest.raises(UnknownPrefixError) as error:
        landed_objects(message(notification(key)))

    assert error.value.subject == f"s3://landing/{key}?versionId=v1"


@pytest.mark.parametrize("body", ["no json", '"text"', "[]", "{}", '{"Records": [{}]}', '{"Records": [{"s3": {}}]}'])
def test_anything_else_is_malformed(body: str) -> None:
    with pytest.raises(MalformedMessageError):
        landed_objects(message(body))
