"""What happens in queues and functions reaches CloudWatch, and alarms fire by themselves."""

import json
import uuid
from datetime import UTC, datetime, timedelta

from tests.contract.aws.calls import alarm_state, eventually, make_queue, put_alarm
from tests.contract.aws.conftest import Deploy, Emulator

# The bodies alone: ids and digests of an event are hexadecimal, and "bad" is too.
FAIL_ON_BAD = """
def handler(event, context):
    if any(record["body"] == "bad" for record in event["Records"]):
        raise ValueError("bad")
"""


def maximum(
    emulator: Emulator, namespace: str, metric: str, statistic: str = "Maximum", **dimensions: str
) -> float | None:
    now = datetime.now(UTC)
    answer = emulator.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=1),
        Period=600,
        Statistics=[statistic],
    )
    return max((point[statistic] for point in answer["Datapoints"]), default=None)


def test_an_alarm_on_a_queue_fires_and_recovers_by_itself_and_tells_its_topic(emulator: Emulator) -> None:
    sqs, sns = emulator.client("sqs"), emulator.client("sns")
    watched, quiet, told = (f"{name}-{uuid.uuid4().hex[:8]}" for name in ("watched", "quiet", "told"))
    (watched_url, _), (told_url, told_arn) = make_queue(sqs, watched), make_queue(sqs, told)
    make_queue(sqs, quiet)
    topic = sns.create_topic(Name=told)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=told_arn, Attributes={"RawMessageDelivery": "true"})
    alarm = put_alarm(emulator, watched, AlarmActions=[topic])
    other = put_alarm(emulator, quiet)

    sqs.send_message(QueueUrl=watched_url, MessageBody="stuck")

    assert eventually(lambda: alarm_state(emulator, alarm) == "ALARM")
    [message] = sqs.receive_message(QueueUrl=told_url, WaitTimeSeconds=2)["Messages"]
    assert json.loads(message["Body"])["NewStateValue"] == "ALARM"
    assert alarm_state(emulator, other) == "OK"

    sqs.purge_queue(QueueUrl=watched_url)

    assert eventually(lambda: alarm_state(emulator, alarm) == "OK", seconds=30)


def test_a_queue_reports_depth_and_age(emulator: Emulator) -> None:
    name = f"measured-{uuid.uuid4().hex[:8]}"
    url, _ = make_queue(emulator.client("sqs"), name, VisibilityTimeout="600")
    for _ in range(3):
        emulator.client("sqs").send_message(QueueUrl=url, MessageBody="waiting")

    def reported(metric: str) -> float | None:
        return maximum(emulator, "AWS/SQS", metric, QueueName=name)

    assert eventually(lambda: reported("ApproximateNumberOfMessagesVisible") == 3)

    emulator.client("sqs").receive_message(QueueUrl=url)

    assert eventually(lambda: reported("ApproximateNumberOfMessagesNotVisible") == 1)
    assert eventually(lambda: (reported("ApproximateAgeOfOldestMessage") or 0) >= 2)


def test_a_function_reports_invocations_and_errors_when_a_queue_wakes_it(emulator: Emulator, deploy: Deploy) -> None:
    function = deploy(FAIL_ON_BAD)
    # The failed message must not come again while the test looks.
    url, arn = make_queue(emulator.client("sqs"), f"woken-{uuid.uuid4().hex[:8]}", VisibilityTimeout="600")
    mapping = emulator.client("lambda").create_event_source_mapping(
        FunctionName=function, EventSourceArn=arn, BatchSize=1
    )
    for body in ("good", "bad"):
        emulator.client("sqs").send_message(QueueUrl=url, MessageBody=body)

    def total(metric: str) -> float:
        return maximum(emulator, "AWS/Lambda", metric, statistic="Sum", FunctionName=function) or 0

    # A slow machine may be at the first message only after a while; neither is ever taken twice.
    assert eventually(lambda: total("Invocations") == 2, seconds=60)
    assert total("Errors") == 1
    emulator.client("lambda").delete_event_source_mapping(UUID=mapping["UUID"])


def test_an_invocation_is_counted_once(emulator: Emulator, deploy: Deploy) -> None:
    function = deploy("def handler(event, context): return 1")

    emulator.client("lambda").invoke(FunctionName=function)

    assert maximum(emulator, "AWS/Lambda", "Invocations", statistic="Sum", FunctionName=function) == 1


def test_embedded_metrics_in_a_log_line_become_metrics(emulator: Emulator, deploy: Deploy) -> None:
    line = {
        "_aws": {
            "Timestamp": 0,
            "CloudWatchMetrics": [
                {
                    "Namespace": "lakeloop",
                    "Dimensions": [["service", "dataset"]],
                    "Metrics": [{"Name": "RowsCommitted", "Unit": "Count"}, {"Name": "Latency", "Unit": "Seconds"}],
                }
            ],
        },
        "service": "transform_data",
        "dataset": "wine",
        "RowsCommitted": [40, 2],
        "Latency": 0.5,
    }
    function = deploy(
        f"def handler(event, context):\n    print('plain')\n    print({json.dumps(line)!r})\n    print('{{')"
    )

    emulator.client("lambda").invoke(FunctionName=function)

    dimensions = {"service": "transform_data", "dataset": "wine"}
    assert maximum(emulator, "lakeloop", "RowsCommitted", statistic="Sum", **dimensions) == 42
    assert maximum(emulator, "lakeloop", "Latency", **dimensions) == 0.5
