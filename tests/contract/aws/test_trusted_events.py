"""Only who knows the token may emit events in AWS's name."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from tests.contract.aws.conftest import EVENTS_TOKEN, Emulator

ENTRY = {
    "Source": "aws.sagemaker",
    "DetailType": "SageMaker Endpoint State Change",
    "Detail": json.dumps({"EndpointName": "lakeloop-local-wine", "EndpointStatus": "IN_SERVICE"}),
    "Resources": ["arn:aws:sagemaker:us-east-1:000000000000:endpoint/lakeloop-local-wine"],
}


def post(emulator: Emulator, body: bytes, token: str | None) -> tuple[int, dict[str, Any]]:
    headers = {} if token is None else {"X-Lakeloop-Token": token}
    answer = urllib3.request("POST", f"{emulator.url}/_lakeloop/events", body=body, headers=headers)
    return answer.status, answer.json()


@pytest.fixture
def queue_of_sagemaker_events(emulator: Emulator) -> Iterator[str]:
    queues, rules = emulator.client("sqs"), emulator.client("events")
    url = queues.create_queue(QueueName="sagemaker-events")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rules.put_rule(Name="sagemaker", EventPattern=json.dumps({"source": ["aws.sagemaker"]}))
    rules.put_targets(Rule="sagemaker", Targets=[{"Id": "queue", "Arn": arn}])
    yield url
    rules.remove_targets(Rule="sagemaker", Ids=["queue"])
    rules.delete_rule(Name="sagemaker")
    queues.delete_queue(QueueUrl=url)


def test_an_event_with_the_token_reaches_the_rules_targets(emulator: Emulator, queue_of_sagemaker_events: str) -> None:
    status, answer = post(emulator, json.dumps({"Entries": [ENTRY]}).encode(), EVENTS_TOKEN)

    assert (status, answer["FailedEntryCount"]) == (200, 0)
    received = emulator.client("sqs").receive_message(QueueUrl=queue_of_sagemaker_events, WaitTimeSeconds=5)
    event = json.loads(received["Messages"][0]["Body"])
    assert event["source"] == "aws.sagemaker"
    assert event["detail-type"] == ENTRY["DetailType"]
    assert event["detail"] == json.loads(ENTRY["Detail"])  # type: ignore[arg-type]
    assert event["resources"] == ENTRY["Resources"]
    assert (event["account"], event["region"]) == ("000000000000", "us-east-1")


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_without_the_token_an_event_is_refused(emulator: Emulator, token: str | None) -> None:
    status, _ = post(emulator, json.dumps({"Entries": [ENTRY]}).encode(), token)

    assert status == 403


def test_a_body_that_is_not_json_is_refused(emulator: Emulator) -> None:
    status, answer = post(emulator, b"{", EVENTS_TOKEN)

    assert status == 400
    assert "not JSON" in answer["message"]


def test_clients_are_still_refused_the_name_of_aws(emulator: Emulator) -> None:
    answer = emulator.client("events").put_events(Entries=[ENTRY])

    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"
