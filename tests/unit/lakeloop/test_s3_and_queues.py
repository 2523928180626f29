"""The adapters of S3 and SQS: each answer that they know, each request whole."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import ANY, Stubber
from moto import mock_aws

from lakeloop.adapters.aws import CLIENT_CONFIG, DENIED_CODES, INVALID_CODES, TRANSIENT_CODES, foreseen
from lakeloop.adapters.messaging import ENTRIES, SnsPublisher, SqsQueue, letter_attributes
from lakeloop.adapters.s3 import S3Artifacts, S3FailureLog, S3Landing, S3Marks
from lakeloop.errors import LakeloopError, NotPermittedError, PermanentError, TransientError, UnreadableObjectError
from lakeloop.failures import Failure
from lakeloop.ingest.ports import LandedVersion
from lakeloop.messages import DataCommitted
from tests.fakes import message

QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/q"
FAILURE = Failure(
    function="f",
    message_id="m1",
    object="s3://b/k\x00\ud800.csv?versionId=v",
    reason="why",
    error="PermanentError",
    attempts=3,
    first_failed_at="2026-11-26T00:00:00+00:00",
    last_failed_at="2026-11-26T00:01:00+00:00",
    correlation_id="",
)

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.fixture
def s3() -> Iterator[Any]:
    """S3 with a bucket of versions, `landing`."""
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="landing")
        client.put_bucket_versioning(Bucket="landing", VersioningConfiguration={"Status": "Enabled"})
        yield client


@pytest.fixture
def stubbed() -> Iterator[tuple[Any, Stubber]]:
    client = boto3.client("s3")
    with Stubber(client) as stubber:
        yield client, stubber
        stubber.assert_no_pending_responses()


def test_the_current_version_is_what_a_reader_gets(s3: Any) -> None:  # noqa: ANN401 a client
    old = s3.put_object(Bucket="landing", Key="k", Body=b"one")["VersionId"]
    new = s3.put_object(Bucket="landing", Key="k", Body=b"three")["VersionId"]
    landing = S3Landing(s3, "landing")

    landed = s3.head_object(Bucket="landing", Key="k")["LastModified"].timestamp()
    assert landing.current("k") == LandedVersion(new, 5, landed)
    assert landing.open("k", old).read(10) == b"one"
    opened = landing.opened("k")
    assert opened
    assert (opened[0], opened[1].read(10)) == (LandedVersion(new, 5, landed), b"three")


def test_a_deleted_object_has_no_version(s3: Any) -> None:  # noqa: ANN401 a client
    s3.put_object(Bucket="landing", Key="k", Body=b"one")
    s3.delete_object(Bucket="landing", Key="k")

    assert S3Landing(s3, "landing").current("k") is None
    assert S3Landing(s3, "landing").current("never") is None
    assert S3Landing(s3, "landing").opened("k") is None
    assert S3Landing(s3, "landing").opened("never") is None


def test_an_object_without_a_version_is_named_and_read_by_its_etag(s3: Any) -> None:  # noqa: ANN401 a client
    s3.put_bucket_versioning(Bucket="landing", VersioningConfiguration={"Status": "Suspended"})
    etag = s3.put_object(Bucket="landing", Key="k", Body=b"one")["ETag"].strip('"')
    landing = S3Landing(s3, "landing")

    current = landing.current("k")
    assert current
    assert current.version == f"null:{etag}"
    assert landing.open("k", current.version).read(10) == b"one"

    s3.put_object(Bucket="landing", Key="k", Body=b"two")
    with pytest.raises(TransientError, match="replaced while"):
        landing.open("k", current.version)


def test_an_object_of_a_bucket_that_never_had_versions_is_named_by_its_etag(stubbed: tuple[Any, Stubber]) -> None:
    client, stubber = stubbed
    answer = {"ContentLength": 7, "LastModified": NOON, "ETag": '"abc"'}
    stubber.add_response("head_object", answer, {"Bucket": "landing", "Key": "k"})

    assert S3Landing(client, "landing").current("k") == LandedVersion("null:abc", 7, NOON.timestamp())


@pytest.mark.parametrize(
    ("code", "error", "said"),
    [
        ("InvalidObjectState", UnreadableObjectError, "archived"),
        ("NoSuchVersion", TransientError, "or replaced while"),
    ],
)
def test_what_cannot_be_opened_says_why(
    stubbed: tuple[Any, Stubber], code: str, error: type[LakeloopError], said: str
) -> None:
    client, stubber = stubbed
    stubber.add_client_error("get_object", code, expected_params={"Bucket": "landing", "Key": "k", "VersionId": "v"})

    with pytest.raises(error, match=said):
        S3Landing(client, "landing").open("k", "v")


def test_an_object_with_a_key_of_its_own_says_so(stubbed: tuple[Any, Stubber]) -> None:
    client, stubber = stubbed
    stubber.add_client_error("head_object", "400", "Bad Request")
    stubber.add_client_error("get_object", "InvalidRequest", "stored using a form of Server Side Encryption")

    with pytest.raises(UnreadableObjectError, match="SSE-C"):
        S3Landing(client, "landing").current("k")
    with pytest.raises(UnreadableObjectError, match="SSE-C"):
        S3Landing(client, "landing").opened("k")


def test_an_archived_object_has_a_version_and_is_refused_when_it_is_read(stubbed: tuple[Any, Stubber]) -> None:
    client, stubber = stubbed
    stubber.add_client_error("get_object", "InvalidObjectState")
    stubber.add_response("head_object", {"ContentLength": 7, "LastModified": NOON, "ETag": '"abc"', "VersionId": "v"})

    opened = S3Landing(client, "landing").opened("k")

    assert opened
    assert opened[0] == LandedVersion("v", 7, NOON.timestamp())
    with pytest.raises(UnreadableObjectError, match="archived"):
        opened[1].read(1)


@pytest.mark.parametrize("call", ["current", "opened", "open", "starts", "failure"])
def test_an_answer_that_means_nothing_here_is_left_to_who_knows_all(stubbed: tuple[Any, Stubber], call: str) -> None:
    client, stubber = stubbed
    stubber.add_client_error("head_object" if call == "current" else "get_object", "AccessDenied")
    calls: dict[str, Callable[[], object]] = {
        "current": lambda: S3Landing(client, "landing").current("k"),
        "opened": lambda: S3Landing(client, "landing").opened("k"),
        "open": lambda: S3Landing(client, "landing").open("k", "v"),
        "starts": lambda: S3Marks(client, "landing", "f").starts("m"),
        "failure": lambda: S3FailureLog(client, "landing").get("f", "m"),
    }

    with pytest.raises(ClientError):
        calls[call]()


def test_artifacts_are_written_where_they_say(s3: Any, tmp_path: Any) -> None:  # noqa: ANN401 a client
    (tmp_path / "file").write_bytes(b"two")
    artifacts = S3Artifacts(s3, "landing")

    assert artifacts.put("one", b"one") == "s3://landing/one"
    assert artifacts.upload("two", tmp_path / "file") == "s3://landing/two"
    assert [s3.get_object(Bucket="landing", Key=key)["Body"].read() for key in ("one", "two")] == [b"one", b"two"]


def test_a_mark_counts_starts_until_it_is_finished(s3: Any) -> None:  # noqa: ANN401 a client
    marks = S3Marks(s3, "landing", "f")

    assert marks.starts("m") == 0
    marks.start("m", 2)
    assert marks.starts("m") == 2
    assert S3Marks(s3, "landing", "other").starts("m") == 0
    assert s3.list_objects_v2(Bucket="landing")["Contents"][0]["Key"] == "started/f/m.json"
    marks.finish("m")
    marks.finish("m")
    assert marks.starts("m") == 0


def test_a_failure_is_read_as_it_was_written(s3: Any) -> None:  # noqa: ANN401 a client
    log = S3FailureLog(s3, "landing")
    log.put(FAILURE)

    assert log.get("f", "m1") == FAILURE
    assert log.get("f", "m2") is None


def test_waits_are_set_ten_at_a_time_at_the_given_url_and_what_is_gone_is_left_alone() -> None:
    client = boto3.client("sqs")
    messages = [message("x", f"m{number}") for number in range(ENTRIES + 1)]
    entries = [{"Id": str(n), "ReceiptHandle": f"receipt-m{n}", "VisibilityTimeout": n} for n in range(len(messages))]
    gone = {"Id": "3", "SenderFault": True, "Code": "ReceiptHandleIsInvalid"}
    with Stubber(client) as stubber:
        for part, failed in ((entries[:ENTRIES], [gone]), (entries[ENTRIES:], [])):
            stubber.add_response(
                "change_message_visibility_batch",
                {"Successful": [], "Failed": failed},
                {"QueueUrl": QUEUE, "Entries": part},
            )

        SqsQueue(client, QUEUE, f"{QUEUE}-dlq").wait({known: n for n, known in enumerate(messages)})

        stubber.assert_no_pending_responses()


def test_a_letter_is_the_body_unchanged_and_the_failure_as_attributes() -> None:
    client = boto3.client("sqs")
    values = {
        "function": "f",
        "message_id": "m1",
        "object": "s3://b/k\ufffd\ufffd.csv?versionId=v",
        "reason": "why",
        "error": "PermanentError",
        "first_failed_at": "2026-11-26T00:00:00+00:00",
        "last_failed_at": "2026-11-26T00:01:00+00:00",
    }
    with Stubber(client) as stubber:
        stubber.add_response(
            "send_message",
            {"MessageId": "new", "MD5OfMessageBody": "0"},
            {
                "QueueUrl": f"{QUEUE}-dlq",
                "MessageBody": "as it came",
                "MessageAttributes": {
                    **{name: {"DataType": "String", "StringValue": value} for name, value in values.items()},
                    "tries": {"DataType": "Number", "StringValue": "3"},
                },
            },
        )

        SqsQueue(client, QUEUE, f"{QUEUE}-dlq").bury(message("as it came"), FAILURE)

        stubber.assert_no_pending_responses()


def test_a_letter_has_at_most_ten_attributes_and_five_kilobytes() -> None:
    longest = replace(
        FAILURE, object="\U0001f600" * 256 + "k" * 200, reason="\U0001f600" * 500, correlation_id="c" * 32
    )

    attributes = letter_attributes(longest)

    assert len(attributes) <= 10
    assert len(json.dumps(attributes, ensure_ascii=False).encode()) < 5 * 1024


def test_a_commit_is_published_as_its_message() -> None:
    client = boto3.client("sns")
    told = DataCommitted(dataset="d", repository="r", commit="c", rows_committed=1, correlation_id="i")
    with Stubber(client) as stubber:
        stubber.add_response("publish", {"MessageId": "m"}, {"TopicArn": "arn", "Message": ANY})

        SnsPublisher(client, "arn").publish(told)

    assert DataCommitted.parse(told.model_dump_json()) == told


def answered(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "what AWS says"}}, "CreateModel")


@pytest.mark.parametrize(
    ("codes", "kind"),
    [(DENIED_CODES, NotPermittedError), (INVALID_CODES, PermanentError), (TRANSIENT_CODES, TransientError)],
)
def test_an_answer_of_aws_has_a_meaning_and_a_sentence(codes: frozenset[str], kind: type[LakeloopError]) -> None:
    for code in codes:
        error = foreseen(answered(code))

        assert type(error) is kind
        assert "CreateModel" in str(error)
        assert "what AWS says" in str(error)


def test_no_answer_is_transient_and_the_rest_is_unforeseen() -> None:
    assert isinstance(foreseen(EndpointConnectionError(endpoint_url="https://s3")), TransientError)
    assert foreseen(answered("Unheard of")) is None
    assert foreseen(KeyError("x")) is None


def test_all_tries_of_one_call_fit_the_shortest_function_that_a_queue_wakes() -> None:
    config: Any = CLIENT_CONFIG
    tries = config.retries["total_max_attempts"]
    longest_waits = sum(2**number for number in range(tries - 1))

    assert tries * (config.connect_timeout + config.read_timeout) + longest_waits < 60
