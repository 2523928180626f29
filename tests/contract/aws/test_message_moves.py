"""Messages go from a dead-letter queue back to where they came from."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.aws.calls import eventually, make_queue
from tests.contract.aws.conftest import Emulator

pytestmark = pytest.mark.on_aws


@dataclass
class Pair:
    """A queue and its dead-letter queue."""

    sqs: Any
    name: str
    url: str
    arn: str
    dead_url: str
    dead_arn: str

    def fail(self, count: int) -> None:
        """Send messages and receive each once too often."""
        for number in range(count):
            self.sqs.send_message(QueueUrl=self.url, MessageBody=f"message {number}")
        for _ in range(2):
            while self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, VisibilityTimeout=0).get(
                "Messages"
            ):
                pass

    def depth(self, url: str) -> int:
        attributes = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        return int(attributes["Attributes"]["ApproximateNumberOfMessages"])

    def tasks(self) -> list[dict[str, Any]]:
        listed = self.sqs.list_message_move_tasks(SourceArn=self.dead_arn, MaxResults=10)
        results: list[dict[str, Any]] = listed.get("Results", [])
        return results


@pytest.fixture
def pair(emulator: Emulator) -> Iterator[Pair]:
    sqs, name = emulator.client("sqs"), f"moves-{uuid.uuid4().hex[:8]}"
    dead_url, dead_arn = make_queue(sqs, f"{name}-dlq")
    policy = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1})
    url, arn = make_queue(sqs, name, RedrivePolicy=policy)
    yield Pair(sqs, name, url, arn, dead_url, dead_arn)
    for made in sqs.list_queues(QueueNamePrefix=name)["QueueUrls"]:
        sqs.delete_queue(QueueUrl=made)


def test_messages_return_to_the_queue_they_came_from(pair: Pair) -> None:
    pair.fail(25)
    assert (pair.depth(pair.url), pair.depth(pair.dead_url)) == (0, 25)

    pair.sqs.start_message_move_task(SourceArn=pair.dead_arn)

    assert eventually(lambda: pair.tasks()[0]["Status"] == "COMPLETED")
    [task] = pair.tasks()
    assert (task["ApproximateNumberOfMessagesMoved"], task["ApproximateNumberOfMessagesToMove"]) == (25, 25)
    assert "TaskHandle" not in task
    assert (pair.depth(pair.url), pair.depth(pair.dead_url)) == (25, 0)


def test_a_moved_message_is_a_new_one(pair: Pair) -> None:
    pair.fail(1)
    [dead] = pair.sqs.receive_message(QueueUrl=pair.dead_url, VisibilityTimeout=0)["Messages"]

    pair.sqs.start_message_move_task(SourceArn=pair.dead_arn)
    assert eventually(lambda: pair.depth(pair.url) == 1)

    received = pair.sqs.receive_message(QueueUrl=pair.url, AttributeNames=["All"])
    [moved] = received["Messages"]
    assert moved["Body"] == dead["Body"]
    assert moved["MessageId"] != dead["MessageId"]
    assert moved["Attributes"]["ApproximateReceiveCount"] == "1"


def test_messages_can_go_to_another_queue(pair: Pair) -> None:
    other_url, other_arn = make_queue(pair.sqs, f"{pair.name}-other")
    pair.fail(3)

    pair.sqs.start_message_move_task(SourceArn=pair.dead_arn, DestinationArn=other_arn)

    assert eventually(lambda: pair.depth(other_url) == 3)
    assert pair.depth(pair.url) == 0
    assert pair.tasks()[0]["DestinationArn"] == other_arn


def test_a_slow_task_can_be_cancelled_and_only_one_runs(pair: Pair) -> None:
    pair.fail(20)
    handle = pair.sqs.start_message_move_task(SourceArn=pair.dead_arn, MaxNumberOfMessagesPerSecond=2)["TaskHandle"]
    running = pair.tasks()[0]

    with pytest.raises(ClientError, match="already a task running"):
        pair.sqs.start_message_move_task(SourceArn=pair.dead_arn)
    moved = pair.sqs.cancel_message_move_task(TaskHandle=handle)["ApproximateNumberOfMessagesMoved"]

    assert (running["Status"], running["TaskHandle"]) == ("RUNNING", handle)
    assert 1 <= moved < 20
    assert pair.tasks()[0]["Status"] == "CANCELLED"
    assert pair.depth(pair.url) + pair.depth(pair.dead_url) == 20
    with pytest.raises(pair.sqs.exceptions.ResourceNotFoundException):
        pair.sqs.cancel_message_move_task(TaskHandle=handle)


def test_a_task_whose_destination_is_gone_fails_with_the_reason_and_loses_nothing(pair: Pair) -> None:
    pair.fail(2)
    second_url, _ = make_queue(
        pair.sqs,
        f"{pair.name}-second",
        RedrivePolicy=json.dumps({"deadLetterTargetArn": pair.dead_arn, "maxReceiveCount": 1}),
    )
    pair.sqs.delete_queue(QueueUrl=pair.url)

    pair.sqs.start_message_move_task(SourceArn=pair.dead_arn)

    assert eventually(lambda: pair.tasks()[0]["Status"] == "FAILED")
    assert "doesn't exist" in pair.tasks()[0]["FailureReason"]
    assert pair.depth(pair.dead_url) == 2
    pair.sqs.delete_queue(QueueUrl=second_url)


def test_a_queue_that_is_nobodys_dead_letter_queue_is_refused(pair: Pair) -> None:
    with pytest.raises(ClientError, match="must be configured as a Dead Letter Queue"):
        pair.sqs.start_message_move_task(SourceArn=pair.arn)


@pytest.mark.parametrize("parameter", ["SourceArn", "DestinationArn"])
def test_a_queue_that_does_not_exist_is_named(pair: Pair, parameter: str) -> None:
    arns = {"SourceArn": pair.dead_arn, parameter: f"{pair.arn}-missing"}

    with pytest.raises(pair.sqs.exceptions.ResourceNotFoundException, match=parameter):
        pair.sqs.start_message_move_task(**arns)


def test_the_sources_of_a_dead_letter_queue_are_listed_page_by_page(pair: Pair) -> None:
    policy = json.dumps({"deadLetterTargetArn": pair.dead_arn, "maxReceiveCount": 3})
    second_url, _ = make_queue(pair.sqs, f"{pair.name}-second", RedrivePolicy=policy)

    pages = pair.sqs.get_paginator("list_dead_letter_source_queues").paginate(
        QueueUrl=pair.dead_url, PaginationConfig={"PageSize": 1}
    )

    assert sorted(url for page in pages for url in page["queueUrls"]) == sorted([pair.url, second_url])
    assert pair.sqs.list_dead_letter_source_queues(QueueUrl=pair.url)["queueUrls"] == []
    pair.sqs.delete_queue(QueueUrl=second_url)
