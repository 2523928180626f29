"""Gaps of ministack alone in how functions run and are called. When one of these fails: as in test_gaps.py."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import urllib3
from botocore.exceptions import ClientError

from tests.contract.aws.calls import eventually, make_queue
from tests.contract.aws.conftest import Emulator, make_function
from tests.contract.aws.gateways import make_api


def test_handlers_find_the_emulators_packages(bare: Emulator) -> None:
    functions = bare.client("lambda")
    make_function(functions, "leaky", "import boto3\ndef handler(event, context): return 'found'")

    assert functions.invoke(FunctionName="leaky")["Payload"].read() == b'"found"'


def test_handler_processes_unpack_a_copy_each(bare: Emulator) -> None:
    functions = bare.client("lambda")
    source = "import os\ndef handler(event, context): return os.path.realpath(__file__)"
    paths = set()
    for name in ("first", "second"):
        make_function(functions, name, source)
        paths.add(functions.invoke(FunctionName=name)["Payload"].read())

    assert len(paths) == 2


def test_a_batch_of_messages_has_at_most_ten(bare: Emulator) -> None:
    functions, sqs, logs = bare.client("lambda"), bare.client("sqs"), bare.client("logs")
    make_function(functions, "gathering", "def handler(event, context): print('BATCH', len(event['Records']))")
    url, arn = make_queue(sqs, "gathered")
    for number in range(12):
        sqs.send_message(QueueUrl=url, MessageBody=str(number))
    # No window, which AWS refuses for so large a batch.
    functions.create_event_source_mapping(FunctionName="gathering", EventSourceArn=arn, BatchSize=100)

    def sizes() -> list[int]:
        groups = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/gathering")["logGroups"]
        found = [logs.filter_log_events(logGroupName=group["logGroupName"])["events"] for group in groups]
        lines = [event["message"] for events in found for event in events if "BATCH" in event["message"]]
        return [int(line.split()[-1]) for line in lines]

    assert eventually(lambda: sum(sizes()) == 12)
    assert max(sizes()) == 10


def test_large_bodies_and_busy_functions_are_not_answered_by_the_gateway(bare: Emulator) -> None:
    make_function(bare.client("lambda"), "limited", "def handler(event, context): return {'statusCode': 200}")
    _, url = make_api(bare, "limited")

    assert urllib3.request("POST", url, body=b"x" * 7_000_000).status == 200

    bare.client("lambda").put_function_concurrency(FunctionName="limited", ReservedConcurrentExecutions=0)

    assert urllib3.request("POST", url, body=b"{}").status == 429


def test_a_change_of_a_function_ends_its_running_invocations(bare: Emulator, tmp_path: Path) -> None:
    functions, begun = bare.client("lambda"), tmp_path / "begun"
    source = "import pathlib, time\ndef handler(event, context):\n    pathlib.Path(event).touch()\n    time.sleep(5)"
    make_function(functions, "changed", source, Timeout=10)
    with ThreadPoolExecutor() as pool:
        running = pool.submit(functions.invoke, FunctionName="changed", Payload=json.dumps(str(begun)))
        while not begun.exists():
            time.sleep(0.05)

        functions.update_function_configuration(FunctionName="changed", MemorySize=256)

        assert "FunctionError" in running.result()


def test_versions_of_a_function_share_its_policy_and_not_its_concurrency(bare: Emulator) -> None:
    functions = bare.client("lambda")
    make_function(functions, "versions", "def handler(event, context): return {'statusCode': 200}", Publish=True)
    statement = {"StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com"}
    functions.add_permission(FunctionName="versions", **statement)

    with pytest.raises(ClientError, match="ResourceConflict"):
        functions.add_permission(FunctionName="versions", Qualifier="1", **statement)
    # Nor is a permission asked for.
    _, url = make_api(bare, "versions:1")
    assert urllib3.request("POST", url, body=b"{}").status == 200

    functions.put_function_concurrency(FunctionName="versions", ReservedConcurrentExecutions=0)

    assert functions.invoke(FunctionName="versions", Qualifier="1")["StatusCode"] == 200
