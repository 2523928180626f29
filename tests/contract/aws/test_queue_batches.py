"""A mapping gathers messages as AWS does: up to its batch size, within its window, and no more than an event holds."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from botocore.exceptions import ClientError

from tests.contract.aws.calls import eventually, make_queue
from tests.contract.aws.conftest import Deploy, Emulator

COUNT = """
def handler(event, context):
    print("BATCH", len(event["Records"]))
"""

Wake = Callable[..., Callable[[], list[int]]]


@pytest.fixture
def wake(emulator: Emulator, deploy: Deploy) -> Iterator[Wake]:
    """Send messages, then map their queue to a function; the sizes of the batches it got so far."""
    mappings: list[str] = []

    def send(bodies: list[str], **mapping: int) -> Callable[[], list[int]]:
        function = deploy(COUNT)
        url, arn = make_queue(emulator.client("sqs"), f"gathered-{uuid.uuid4().hex[:8]}")
        for body in bodies:
            emulator.client("sqs").send_message(QueueUrl=url, MessageBody=body)
        made = emulator.client("lambda").create_event_source_mapping(
            FunctionName=function, EventSourceArn=arn, **mapping
        )
        mappings.append(made["UUID"])
        return lambda: batch_sizes(emulator, function)

    yield send
    for mapping in mappings:
        emulator.client("lambda").delete_event_source_mapping(UUID=mapping)


def batch_sizes(emulator: Emulator, function: str) -> list[int]:
    logs = emulator.client("logs")
    try:
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/{function}", filterPattern="BATCH")["events"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [int(event["message"].split()[-1]) for event in events if "BATCH" in event["message"]]


def test_a_batch_holds_more_than_ten_messages(wake: Wake) -> None:
    sizes = wake([str(number) for number in range(25)], BatchSize=100, MaximumBatchingWindowInSeconds=1)

    assert eventually(lambda: sum(sizes()) == 25)
    assert sizes() == [25]


def test_a_full_batch_does_not_wait_for_its_window(wake: Wake) -> None:
    sizes = wake([str(number) for number in range(12)], BatchSize=12, MaximumBatchingWindowInSeconds=300)

    assert eventually(lambda: sizes() == [12])


def test_a_batch_that_is_not_full_waits_for_its_window(wake: Wake, emulator: Emulator) -> None:
    waiting = wake(["one"], BatchSize=12, MaximumBatchingWindowInSeconds=300)
    other = wake(["one"], BatchSize=12, MaximumBatchingWindowInSeconds=1)

    assert eventually(lambda: other() == [1])
    assert waiting() == []


def test_a_batch_leaves_before_its_event_is_too_large(wake: Wake) -> None:
    """Seven bodies of 0.9 MB: six and their wrapping fit into 6 MB."""
    sizes = wake(["x" * 900_000] * 7, BatchSize=7, MaximumBatchingWindowInSeconds=1)

    assert eventually(lambda: sum(sizes()) == 7)
    assert sorted(sizes()) == [1, 6]


@pytest.mark.on_aws
def test_a_large_batch_without_a_window_is_refused(emulator: Emulator, deploy: Deploy) -> None:
    function = deploy("def handler(event, context): pass")
    _, arn = make_queue(emulator.client("sqs"), f"windowless-{uuid.uuid4().hex[:8]}")

    with pytest.raises(ClientError, match="Maximum batch window in seconds must be greater than 0"):
        emulator.client("lambda").create_event_source_mapping(FunctionName=function, EventSourceArn=arn, BatchSize=11)
