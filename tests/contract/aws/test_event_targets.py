"""An event whose target cannot take it is kept, and a function that fails is tried again."""

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.aws.calls import make_queue
from tests.contract.aws.conftest import Deploy, Emulator


@pytest.fixture
def rule(emulator: Emulator) -> Iterator[str]:
    name = f"rule-{uuid.uuid4().hex[:8]}"
    events = emulator.client("events")
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
    yield name
    targets = [target["Id"] for target in events.list_targets_by_rule(Rule=name)["Targets"]]
    events.remove_targets(Rule=name, Ids=targets)
    events.delete_rule(Name=name)


def receive(emulator: Emulator, url: str, seconds: int = 2) -> list[dict[str, Any]]:
    received = emulator.client("sqs").receive_message(
        QueueUrl=url, WaitTimeSeconds=seconds, MessageAttributeNames=["All"], MaxNumberOfMessages=10
    )
    messages: list[dict[str, Any]] = received.get("Messages", [])
    return messages


@pytest.mark.parametrize("target", ["sqs:{}:missing", "sns:{}:missing", "lambda:{}:function:missing"])
def test_an_event_for_a_target_that_is_gone_is_in_its_dead_letter_queue(
    emulator: Emulator, rule: str, target: str
) -> None:
    dead_url, dead_arn = make_queue(emulator.client("sqs"), f"{rule}-dlq")
    arn = "arn:aws:" + target.format("us-east-1:000000000000")
    events = emulator.client("events")
    events.put_targets(Rule=rule, Targets=[{"Id": "gone", "Arn": arn, "DeadLetterConfig": {"Arn": dead_arn}}])

    events.put_events(Entries=[{"Source": rule, "DetailType": "test", "Detail": '{"number": 7}'}])

    [message] = receive(emulator, dead_url)
    told = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert json.loads(message["Body"])["detail"] == {"number": 7}
    assert told["TARGET_ARN"] == arn
    assert told["RULE_ARN"].endswith(f"rule/{rule}")
    assert told["ERROR_CODE"] == "NO_RESOURCE"
    assert "does not exist" in told["ERROR_MESSAGE"]


def test_an_event_that_is_delivered_is_not_in_the_dead_letter_queue(emulator: Emulator, rule: str) -> None:
    dead_url, dead_arn = make_queue(emulator.client("sqs"), f"{rule}-dlq")
    url, arn = make_queue(emulator.client("sqs"), rule)
    events = emulator.client("events")
    events.put_targets(
        Rule=rule,
        Targets=[
            {"Id": "gone", "Arn": f"{arn}-missing", "DeadLetterConfig": {"Arn": dead_arn}},
            {"Id": "there", "Arn": arn, "DeadLetterConfig": {"Arn": dead_arn}},
        ],
    )

    events.put_events(Entries=[{"Source": rule, "DetailType": "test", "Detail": "{}"}])

    assert len(receive(emulator, url)) == 1
    assert len(receive(emulator, dead_url)) == 1


def test_a_function_that_fails_is_tried_again_and_its_failure_goes_to_its_destination(
    emulator: Emulator, rule: str, deploy: Deploy
) -> None:
    failed_url, failed_arn = make_queue(emulator.client("sqs"), f"{rule}-failed")
    function = deploy("def handler(event, context): raise ValueError(event['detail']['number'])")
    functions = emulator.client("lambda")
    functions.put_function_event_invoke_config(
        FunctionName=function,
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": failed_arn}},
    )
    arn = functions.get_function(FunctionName=function)["Configuration"]["FunctionArn"]
    events = emulator.client("events")
    events.put_targets(Rule=rule, Targets=[{"Id": "function", "Arn": arn}])
    started = time.monotonic()

    events.put_events(Entries=[{"Source": rule, "DetailType": "test", "Detail": '{"number": 7}'}])

    [message] = receive(emulator, failed_url, seconds=20)
    assert json.loads(message["Body"])["requestPayload"]["detail"] == {"number": 7}
    assert time.monotonic() - started > 0.5
