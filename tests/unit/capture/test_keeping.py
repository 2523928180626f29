"""From what predict told to Parquet, and back: nothing lost, nothing twice, and no answer that waits."""

import json
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import botocore.session
import pytest
from moto import mock_aws

from lakeloop.adapters.captures import S3Captures
from lakeloop.adapters.capturing import CAPTURE_CONFIG, KmsKeys, SnsCaptures
from lakeloop.capture.service import CaptureService
from lakeloop.capture.telling import LARGEST_MESSAGE, told
from lakeloop.errors import MalformedMessageError, PermanentError
from lakeloop.messages import Message
from tests.cases import PLAN
from tests.data import ROOT, breast_cancer
from tests.fakes import MemoryEndpoints, message, turns
from tests.unit.capture.world import AT, capture
from tests.unit.serving.asking import GOOD, told_service

BUCKET = "captures"
HOUR = timedelta(hours=1)
SNS_TAKES = 262_144


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


class Cloud:
    """A topic with a queue behind it, and the bucket."""

    def __init__(self) -> None:
        self.s3: Any = boto3.client("s3")
        self.s3.create_bucket(Bucket=BUCKET)
        self.sns: Any = boto3.client("sns")
        self.sqs: Any = boto3.client("sqs")
        self.topic_arn = self.sns.create_topic(Name="captures")["TopicArn"]
        self.queue = self.sqs.create_queue(QueueName="captures")["QueueUrl"]
        self.sns.subscribe(
            TopicArn=self.topic_arn,
            Protocol="sqs",
            Endpoint=self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"][
                "QueueArn"
            ],
            Attributes={"RawMessageDelivery": "true"},
        )
        self.captures = S3Captures(self.s3, BUCKET)
        self.service = CaptureService(self.captures)

    def topic(self) -> SnsCaptures:
        return SnsCaptures(self.sns, lambda: self.s3, self.topic_arn, BUCKET)

    def messages(self) -> list[Message]:
        found = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", [])
        return [message(one["Body"], one["MessageId"]) for one in found]

    def objects(self) -> list[str]:
        return [found["Key"] for found in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with mock_aws():
        yield Cloud()


def test_what_is_written_is_what_was_told(cloud: Cloud) -> None:
    given = capture()
    plain = capture(confidence=None, probabilities=None, prediction="3.25")

    assert cloud.service.handle([message(told([given])), message(told([plain]), "m2")], turns()) == {}

    [key] = cloud.objects()
    assert key.startswith("captures/tiny/date=2026-11-26/hour=10/")
    found = {one.inference_id: one for one in cloud.captures.between("tiny", AT, AT + HOUR)}
    assert found == {one.inference_id: one for one in (given, plain)}


def test_a_delivery_that_comes_again_writes_the_same_object(cloud: Cloud) -> None:
    messages = [message(told([capture()]), "m1"), message(told([capture()]), "m2")]

    cloud.service.handle(messages, turns())
    cloud.service.handle(messages[::-1], turns())

    assert len(cloud.objects()) == 1


def test_a_message_that_comes_again_beside_another_counts_once(cloud: Cloud) -> None:
    first, second = message(told([capture()]), "m1"), message(told([capture()]), "m2")

    cloud.service.handle([first], turns())
    cloud.service.handle([first, second], turns())

    assert len(cloud.objects()) == 2
    assert len(list(cloud.captures.between("tiny", AT, AT + HOUR))) == 2


def test_one_id_for_two_inputs_is_two_predictions(cloud: Cloud) -> None:
    both = [capture("order-1"), capture("order-1", AT + timedelta(seconds=1), input='{"f":2}')]

    cloud.service.handle([message(told([one]), one.input) for one in both], turns())

    assert len(list(cloud.captures.between("tiny", AT, AT + HOUR))) == 2


def test_hours_and_datasets_lie_apart_and_are_found_by_the_moment(cloud: Cloud) -> None:
    some = [capture(at=AT + number * HOUR) for number in range(3)] + [capture(dataset="tiny_too")]

    cloud.service.handle([message(told([one]), one.inference_id) for one in some], turns())

    assert len(cloud.objects()) == 4
    found = list(cloud.captures.between("tiny", AT + HOUR, AT + 2 * HOUR))
    assert [one.inference_id for one in found] == [some[1].inference_id]


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        '{"version": 1}',
        '{"captures": [{"version": 1}]}',
        told([capture(dataset="../other")]),
        told([capture(version=2)]),
        told([capture(confidence="much")]),
        told([capture()]).replace("2026-11-26T10:30:00+00:00", "2026-11-26T10:30:00"),
    ],
    ids=["list", "nothing", "halves", "folder", "later release", "other type", "no zone"],
)
def test_what_is_no_capture_fails_alone_with_its_reason(cloud: Cloud, body: str) -> None:
    failures = cloud.service.handle([message(body, "bad"), message(told([capture()]), "good")], turns())

    assert {id_: type(error) for id_, error in failures.items()} == {"bad": MalformedMessageError}
    assert len(cloud.objects()) == 1


def test_a_large_message_that_has_expired_fails_with_its_address(cloud: Cloud) -> None:
    body = json.dumps({"version": 1, "dataset": "tiny", "count": 1, "stored": "s3://captures/large/tiny/gone.json"})

    failures = cloud.service.handle([message(body)], turns())

    assert isinstance(failures["m1"], PermanentError)
    assert "s3://captures/large/tiny/gone.json" in str(failures["m1"])


def test_capture_of_500_rows(cloud: Cloud) -> None:
    assert (PLAN / "capture-of-500-rows" / "expected.md").exists()
    contract = breast_cancer()
    event = json.loads((ROOT / "lambdas" / "predict" / "events" / "request.json").read_text())
    features = json.loads(event["body"])["features"]
    body = json.dumps({"rows": [{"features": features}] * 500})
    service = told_service(cloud.topic(), MemoryEndpoints("\n".join(["0.9"] * 500)), contract)

    answer = service.handle_batch(contract.name, body)
    messages = cloud.messages()
    failures = cloud.service.handle(messages, turns())

    [only] = messages
    rows = answer.body["rows"]
    assert isinstance(rows, list)
    assert failures == {}
    assert len(told([capture()])) < LARGEST_MESSAGE < SNS_TAKES
    assert len(only.body) < 1000
    made = sorted(row["inference_id"] for row in rows)
    hours = [key for key in cloud.objects() if key.startswith("captures/")]
    assert len(hours) == 1
    assert sorted(one.inference_id for one in cloud.captures.read(hours[0])) == made


def test_a_topic_that_does_not_answer_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    connections: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"

        def silent() -> None:
            while True:
                try:
                    connections.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=silent, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        sns: Any = botocore.session.get_session().create_client("sns", config=CAPTURE_CONFIG)
        topic = SnsCaptures(sns, lambda: boto3.client("s3"), "arn:aws:sns:us-east-1:123456789012:t", BUCKET)

        answer = told_service(topic).handle("tiny", json.dumps({"features": GOOD}))

        assert answer.status == 200
    assert len(connections) == 1


def test_a_prediction_is_kept_though_its_connection_was_closed_while_the_process_was_frozen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told_of: list[bytes] = []

    def answered(connection: socket.socket) -> None:
        told_of.append(connection.recv(65536))
        body = b"<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>"
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.getsockname()[1]}")

        def closing() -> None:
            for number in range(2):
                connection, _ = server.accept()
                answered(connection)
                if number == 0:
                    # Idle for too long: it answers the next request with an end.
                    connection.recv(65536)
                connection.close()

        threading.Thread(target=closing, daemon=True).start()
        sns: Any = botocore.session.get_session().create_client("sns", config=CAPTURE_CONFIG)
        topic = SnsCaptures(sns, lambda: boto3.client("s3"), "arn:aws:sns:us-east-1:123456789012:t", BUCKET)

        topic.tell([capture()])
        topic.tell([capture()])

    assert len(told_of) == 2


def test_what_sensitive_values_are_hashed_under_is_asked_for_once() -> None:
    class Kms:
        calls = 0

        def generate_mac(self, **_: object) -> dict[str, bytes]:
            self.calls += 1
            return {"Mac": b"mac"}

    kms = Kms()
    keys = KmsKeys(lambda: kms, "arn")

    assert (keys.hashing, keys.hashing, kms.calls) == (b"mac", b"mac", 1)
