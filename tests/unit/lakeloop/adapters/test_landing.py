"""The landing bucket as a whole, on moto."""

from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from lakeloop import names
from lakeloop.adapters.landing import S3Listing, S3Outcomes
from lakeloop.adapters.s3 import S3FailureLog
from lakeloop.failures import Failure
from lakeloop.ingest.ports import ListedObject, ListedPage


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("s3")
        for bucket in ("landing", "artifacts"):
            client.create_bucket(Bucket=bucket)
        yield client


def test_each_key_is_listed_once_as_it_is_now(s3: Any) -> None:  # noqa: ANN401 a client
    s3.put_bucket_versioning(Bucket="landing", VersioningConfiguration={"Status": "Enabled"})
    versions = [s3.put_object(Bucket="landing", Key="p/twice", Body=body)["VersionId"] for body in (b"1", b"22")]
    s3.put_object(Bucket="landing", Key="p/deleted", Body=b"one")
    s3.delete_object(Bucket="landing", Key="p/deleted")
    s3.put_object(Bucket="landing", Key="q/other", Body=b"one")

    page = S3Listing(s3, "landing").page("p/", "")

    assert [(found.key, found.version, found.size_bytes) for found in page.objects] == [
        ("p/deleted", "", 0),
        ("p/twice", versions[1], 2),
    ]
    assert page.after == ""


def test_a_page_tells_where_the_next_begins_and_names_what_has_no_version_by_its_etag() -> None:
    client = boto3.client("s3", "us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    noon = datetime(2026, 11, 26, 12, tzinfo=UTC)
    versions = [
        {"Key": "p/a", "VersionId": "null", "ETag": '"abc"', "Size": 3, "LastModified": noon, "IsLatest": True},
        {"Key": "p/b", "VersionId": "v2", "ETag": '"def"', "Size": 4, "LastModified": noon, "IsLatest": True},
        {"Key": "p/b", "VersionId": "v1", "ETag": '"0"', "Size": 5, "LastModified": noon, "IsLatest": False},
    ]
    with Stubber(client) as stubber:
        stubber.add_response(
            "list_object_versions",
            {"Versions": versions, "IsTruncated": True, "NextKeyMarker": "p/b", "NextVersionIdMarker": "v1"},
            {"Bucket": "landing", "Prefix": "p/", "KeyMarker": "p/0"},
        )
        page = S3Listing(client, "landing").page("p/", "p/0")

    assert page == ListedPage(
        [ListedObject("p/a", "null:abc", 3, noon.timestamp()), ListedObject("p/b", "v2", 4, noon.timestamp())], "p/b"
    )


def test_records_of_failures_are_read_side_by_side(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401 a client
    """One after the other, ten thousand took longer than the function may run."""
    log = S3FailureLog(s3, "artifacts")
    for number in range(2):
        log.put(Failure("transform_data", f"m{number}", f"s3://landing/{number}", "why", "E", 1, "", "", ""))
    both, read = Barrier(2, timeout=5), s3.get_object

    def get_object(**asked: str) -> Any:  # noqa: ANN401 what S3 answers
        both.wait()
        return read(**asked)

    monkeypatch.setattr(s3, "get_object", get_object)

    assert sorted(S3Outcomes(s3, "artifacts").failed()) == ["s3://landing/0", "s3://landing/1"]


def test_outcomes_are_those_of_the_artifacts_bucket(s3: Any) -> None:  # noqa: ANN401 a client
    outcomes = S3Outcomes(s3, "artifacts")
    s3.put_object(Bucket="artifacts", Key=names.quarantine_key("tiny", "e1"), Body=b"")
    failure = Failure("transform_data", "m1", "s3://landing/k?versionId=v", "why", "E", 1, "", "", "")
    S3FailureLog(s3, "artifacts").put(failure)

    outcomes.answer("tiny", "s1", "lost v1 -")

    assert (outcomes.is_quarantined("tiny", "e1"), outcomes.is_quarantined("tiny", "e2")) == (True, False)
    assert list(outcomes.failed()) == [failure.object]
    assert (outcomes.answered("tiny", "s1"), outcomes.answered("tiny", "s2")) == ("lost v1 -", "")
