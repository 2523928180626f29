"""Where callers are sent, kept in S3; against S3 as moto answers."""

from collections.abc import Iterator
from datetime import UTC, datetime

import boto3
import pytest
from moto import mock_aws

from lakeloop.adapters.placements import S3PlacementsKept
from lakeloop.deployment.ports import Placement

FIRST, SECOND = "lakeloop-test-two-words", "lakeloop-test--two-words"


@pytest.fixture
def placements() -> Iterator[S3PlacementsKept]:
    with mock_aws():
        client = boto3.client("s3", "us-east-1")
        client.create_bucket(Bucket="artifacts")
        yield S3PlacementsKept(client, "artifacts", "lakeloop-test")


def test_callers_are_sent_to_the_first_endpoint_until_they_are_sent_elsewhere(placements: S3PlacementsKept) -> None:
    assert placements.of("two_words") == Placement(FIRST)
    assert {placements.current(name) for name in (FIRST, SECOND)} == {FIRST}
    moved = Placement(SECOND, datetime(2026, 11, 26, 12, tzinfo=UTC))

    placements.move("two_words", moved)

    assert placements.of("two_words") == moved
    assert {placements.current(name) for name in (FIRST, SECOND)} == {SECOND}
    assert placements.of("two") == Placement("lakeloop-test-two")
