"""Each gap is still there in ministack alone. When one of these fails, ministack has learnt it: delete that patch."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
import urllib3
from botocore.exceptions import ClientError

from lakeloop.local.aws.settings import Settings
from lakeloop.local.supervisor.loopback import free_port
from tests.contract.aws.calls import (
    alarm_state,
    eventually,
    in_emulator,
    make_queue,
    put_alarm,
    put_in_parts,
    query,
    usage_plan_as_sent,
)
from tests.contract.aws.conftest import EMULATOR_PYTHON, EVENTS_TOKEN, Emulator, archive
from tests.contract.aws.gateways import make_api


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """ministack without a launcher, in the environment that the launcher gives it."""
    state = tmp_path_factory.mktemp("bare")
    port = free_port()
    settings = Settings.read(port, state, None, {"PATH": os.environ["PATH"]})
    settings.scratch_dir.mkdir()
    log = state / "emulator.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [EMULATOR_PYTHON.with_name("ministack")],
            env=settings.emulator_environment() | {"PERSIST_STATE": "0", "S3_PERSIST": "0"},
            stdout=output,
            stderr=output,
        )
    emulator = Emulator(f"http://127.0.0.1:{port}", state, process, log)
    yield wait(emulator)
    emulator.stop()


def wait(emulator: Emulator) -> Emulator:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            urllib3.request("GET", f"{emulator.url}/_ministack/health", timeout=2, retries=False)
        except urllib3.exceptions.HTTPError:
            time.sleep(0.05)
        else:
            return emulator
    raise AssertionError(emulator.log.read_text())


def test_trusted_events_have_no_route(bare: Emulator) -> None:
    answer = urllib3.request(
        "POST", f"{bare.url}/_lakeloop/events", body=b'{"Entries":[]}', headers={"X-Lakeloop-Token": EVENTS_TOKEN}
    )

    assert answer.status != 200


def test_handlers_find_the_emulators_packages(bare: Emulator) -> None:
    functions = bare.client("lambda")
    functions.create_function(
        FunctionName="leaky",
        Runtime="python3.11",
        Role="arn:aws:iam::000000000000:role/handler",
        Handler="handler.handler",
        Code={"ZipFile": archive(handler__py="import boto3\ndef handler(event, context): return 'found'")},
    )

    assert functions.invoke(FunctionName="leaky")["Payload"].read() == b'"found"'


def test_an_unknown_service_is_refused_without_a_readable_message(bare: Emulator) -> None:
    with pytest.raises(ClientError) as refusal:
        bare.client("xray").get_groups()

    assert refusal.value.response["Error"]["Code"] != "UnknownOperationException"


def test_an_api_key_with_an_empty_value_is_refused(bare: Emulator) -> None:
    gateway = bare.client("apigateway")

    with pytest.raises(gateway.exceptions.BadRequestException):
        gateway.create_api_key(name="key", value="")


def test_tags_put_on_an_api_do_not_show_in_its_description(bare: Emulator) -> None:
    gateway = bare.client("apigateway")
    api = gateway.create_rest_api(name="api")["id"]

    gateway.tag_resource(resourceArn=f"arn:aws:apigateway:us-east-1::/restapis/{api}", tags={"comes": "1"})

    assert gateway.get_rest_api(restApiId=api)["tags"] == {}


def test_a_usage_plan_without_a_quota_has_an_empty_one(bare: Emulator) -> None:
    gateway = bare.client("apigateway")

    assert gateway.create_usage_plan(name="plan")["quota"] == {}


def test_a_changed_limit_of_a_usage_plan_becomes_text(bare: Emulator) -> None:
    gateway = bare.client("apigateway")
    plan = gateway.create_usage_plan(name="plan", throttle={"rateLimit": 5.0, "burstLimit": 9})["id"]

    change = [{"op": "replace", "path": "/throttle/burstLimit", "value": "7"}]
    gateway.update_usage_plan(usagePlanId=plan, patchOperations=change)

    # boto3 makes a number of either; Terraform's provider does not.
    assert usage_plan_as_sent(bare, plan)["throttle"]["burstLimit"] == "7"


def test_alarms_lose_their_period_in_the_query_protocol(bare: Emulator) -> None:
    query(
        bare,
        Action="PutMetricAlarm",
        AlarmName="alarm",
        Namespace="space",
        MetricName="metric",
        Statistic="Sum",
        Period="300",
        EvaluationPeriods="1",
        Threshold="0",
        ComparisonOperator="GreaterThanThreshold",
    )

    described = query(bare, Action="DescribeAlarms")

    assert not [element for element in described.iter() if element.tag.endswith("Period")]


def test_an_object_uploaded_in_parts_loses_its_tags(bare: Emulator) -> None:
    storage = bare.client("s3")
    storage.create_bucket(Bucket="parts")

    put_in_parts(storage, "parts", "tagged", Tagging="colour=blue")

    assert storage.get_object_tagging(Bucket="parts", Key="tagged")["TagSet"] == []


def test_dead_letters_cannot_be_moved_back(bare: Emulator) -> None:
    sqs = bare.client("sqs")
    url, arn = make_queue(sqs, "dead")

    calls = [
        partial(sqs.start_message_move_task, SourceArn=arn),
        partial(sqs.list_message_move_tasks, SourceArn=arn),
        partial(sqs.cancel_message_move_task, TaskHandle="handle"),
        partial(sqs.list_dead_letter_source_queues, QueueUrl=url),
    ]
    for call in calls:
        with pytest.raises(ClientError, match="InvalidAction"):
            call()


def test_an_alarm_takes_in_the_metric_of_another_queue(bare: Emulator) -> None:
    metrics = bare.client("cloudwatch")
    alarm = put_alarm(bare, "quiet")

    metrics.put_metric_data(
        Namespace="AWS/SQS",
        MetricData=[
            {
                "MetricName": "ApproximateNumberOfMessagesVisible",
                "Dimensions": [{"Name": "QueueName", "Value": "loud"}],
                "Value": 7,
            }
        ],
    )

    assert alarm_state(bare, alarm) == "ALARM"


def test_queues_and_log_lines_report_no_metrics(bare: Emulator) -> None:
    """Queue depths would have come by now: the launcher looks every two seconds."""
    functions = bare.client("lambda")
    line = json.dumps(
        {
            "_aws": {"Timestamp": 0, "CloudWatchMetrics": [{"Namespace": "gaps", "Metrics": [{"Name": "Rows"}]}]},
            "Rows": 1,
        }
    )
    functions.create_function(
        FunctionName="metrics",
        Runtime="python3.11",
        Role="arn:aws:iam::000000000000:role/handler",
        Handler="handler.handler",
        Code={"ZipFile": archive(handler__py=f"def handler(event, context): print({line!r})")},
    )
    url, _ = make_queue(bare.client("sqs"), "measured")
    bare.client("sqs").send_message(QueueUrl=url, MessageBody="waiting")
    functions.invoke(FunctionName="metrics")
    time.sleep(3)

    metrics = bare.client("cloudwatch").list_metrics()["Metrics"]

    assert not [m for m in metrics if m["Namespace"] == "gaps"]
    assert not [m for m in metrics if {"Name": "QueueName", "Value": "measured"} in m["Dimensions"]]


def test_an_event_for_a_queue_that_is_gone_is_lost(bare: Emulator) -> None:
    events, sqs = bare.client("events"), bare.client("sqs")
    url, arn = make_queue(sqs, "buried")
    events.put_rule(Name="gone", EventPattern=json.dumps({"source": ["gone"]}))
    target = {"Id": "gone", "Arn": f"{arn}-missing", "DeadLetterConfig": {"Arn": arn}}
    events.put_targets(Rule="gone", Targets=[target])

    events.put_events(Entries=[{"Source": "gone", "DetailType": "test", "Detail": "{}"}])

    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)


def test_a_database_instance_is_available_with_nothing_at_its_endpoint(bare: Emulator) -> None:
    rds = bare.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="empty",
        Engine="postgres",
        DBInstanceClass="db.t4g.micro",
        MasterUsername="keeper",
        MasterUserPassword="secret-of-the-keeper",
    )

    [instance] = rds.describe_db_instances(DBInstanceIdentifier="empty")["DBInstances"]

    assert (instance["DBInstanceStatus"], instance["Endpoint"]["Port"]) == ("available", 5432)


def test_handler_processes_unpack_a_copy_each(bare: Emulator) -> None:
    functions = bare.client("lambda")
    source = "import os\ndef handler(event, context): return os.path.realpath(__file__)"
    paths = set()
    for name in ("first", "second"):
        functions.create_function(
            FunctionName=name,
            Runtime="python3.11",
            Role="arn:aws:iam::000000000000:role/handler",
            Handler="handler.handler",
            Code={"ZipFile": archive(handler__py=source)},
        )
        paths.add(functions.invoke(FunctionName=name)["Payload"].read())

    assert len(paths) == 2


def test_a_batch_of_messages_has_at_most_ten(bare: Emulator) -> None:
    functions, sqs, logs = bare.client("lambda"), bare.client("sqs"), bare.client("logs")
    functions.create_function(
        FunctionName="gathering",
        Runtime="python3.11",
        Role="arn:aws:iam::000000000000:role/handler",
        Handler="handler.handler",
        Code={"ZipFile": archive(handler__py="def handler(event, context): print('BATCH', len(event['Records']))")},
    )
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


def test_a_key_of_any_length_is_taken(bare: Emulator) -> None:
    bare.client("s3").create_bucket(Bucket="long")

    bare.client("s3").put_object(Bucket="long", Key="k" * 1100, Body=b"")


def test_kms_without_a_key_is_refused(bare: Emulator) -> None:
    bare.client("s3").create_bucket(Bucket="encrypted")

    with pytest.raises(ClientError, match="requires a key id"):
        bare.client("s3").put_object(Bucket="encrypted", Key="kept", Body=b"", ServerSideEncryption="aws:kms")


def test_a_secret_scheduled_for_deletion_is_said_to_exist(bare: Emulator) -> None:
    secrets = bare.client("secretsmanager")
    secrets.create_secret(Name="former", SecretString="first")
    secrets.delete_secret(SecretId="former", RecoveryWindowInDays=7)

    with pytest.raises(secrets.exceptions.ResourceExistsException):
        secrets.create_secret(Name="former", SecretString="second")


def test_large_bodies_and_busy_functions_are_not_answered_by_the_gateway(bare: Emulator) -> None:
    bare.client("lambda").create_function(
        FunctionName="limited",
        Runtime="python3.11",
        Role="arn:aws:iam::000000000000:role/handler",
        Handler="handler.handler",
        Code={"ZipFile": archive(handler__py="def handler(event, context): return {'statusCode': 200}")},
    )
    _, url = make_api(bare, "limited")

    assert urllib3.request("POST", url, body=b"x" * 7_000_000).status == 200

    bare.client("lambda").put_function_concurrency(FunctionName="limited", ReservedConcurrentExecutions=0)

    assert urllib3.request("POST", url, body=b"{}").status == 429


def test_a_rule_of_the_default_bus_is_asked_for_with_the_bus_in_its_name(tmp_path: Path) -> None:
    asked = in_emulator(
        "from ministack.core.iam_actions import extract_resource_arn\n"
        'body = b\'{"Name": "mine"}\'\n'
        "print(extract_resource_arn('events', 'POST', '/', {}, body, {}, 'us-east-1', '000000000000'))",
        str(tmp_path),
    )

    assert asked.split()[-1] == "arn:aws:events:us-east-1:000000000000:rule/default/mine"


def test_a_batch_call_of_a_queue_is_asked_for_by_its_own_name(tmp_path: Path) -> None:
    asked = in_emulator(
        "from ministack.core.iam_actions import extract_iam_action\n"
        "headers = {'x-amz-target': 'AmazonSQS.ChangeMessageVisibilityBatch'}\n"
        "print(extract_iam_action('sqs', 'POST', '/', headers, b'{}', {}))",
        str(tmp_path),
    )

    assert asked.split()[-1] == "sqs:ChangeMessageVisibilityBatch"


def test_a_change_of_a_function_ends_its_running_invocations(bare: Emulator, tmp_path: Path) -> None:
    functions, begun = bare.client("lambda"), tmp_path / "begun"
    source = "import pathlib, time\ndef handler(event, context):\n    pathlib.Path(event).touch()\n    time.sleep(5)"
    functions.create_function(
        FunctionName="changed",
        Runtime="python3.11",
        Role="arn:aws:iam::000000000000:role/handler",
        Handler="handler.handler",
        Timeout=10,
        Code={"ZipFile": archive(handler__py=source)},
    )
    with ThreadPoolExecutor() as pool:
        running = pool.submit(functions.invoke, FunctionName="changed", Payload=json.dumps(str(begun)))
        while not begun.exists():
            time.sleep(0.05)

        functions.update_function_configuration(FunctionName="changed", MemorySize=256)

        assert "FunctionError" in running.result()


def test_versions_of_a_function_share_its_policy_and_not_its_concurrency(bare: Emulator) -> None:
    functions = bare.client("lambda")
    functions.create_function(
        FunctionName="versions",
        Runtime="python3.11",
        Role="arn:aws:iam::000000000000:role/handler",
        Handler="handler.handler",
        Code={"ZipFile": archive(handler__py="def handler(event, context): return {'statusCode': 200}")},
        Publish=True,
    )
    statement = {"StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com"}
    functions.add_permission(FunctionName="versions", **statement)

    with pytest.raises(ClientError, match="ResourceConflict"):
        functions.add_permission(FunctionName="versions", Qualifier="1", **statement)
    # Nor is a permission asked for.
    _, url = make_api(bare, "versions:1")
    assert urllib3.request("POST", url, body=b"{}").status == 200

    functions.put_function_concurrency(FunctionName="versions", ReservedConcurrentExecutions=0)

    assert functions.invoke(FunctionName="versions", Qualifier="1")["StatusCode"] == 200


def test_calls_about_layers_and_aliases_are_taken_for_others(tmp_path: Path) -> None:
    asked = in_emulator(
        "from ministack.core.iam_actions import extract_iam_action, extract_resource_arn\n"
        "layer, alias = '/2018-10-31/layers/words/versions', '/2015-03-31/functions/f/aliases/live'\n"
        "calls = (('GET', layer), ('DELETE', layer + '/1'), ('PUT', alias))\n"
        "print([extract_iam_action('lambda', *call, {}, b'', {}) for call in calls])\n"
        "invoke = ('lambda', 'POST', '/2015-03-31/functions/f/invocations', {}, b'', {'Qualifier': ['live']})\n"
        "print(extract_resource_arn(*invoke, 'us-east-1', '000000000000'))",
        str(tmp_path),
    )

    actions, resource = asked.strip().splitlines()[-2:]
    assert actions == "['lambda:ListLayers', None, 'lambda:ListAliases']"
    assert resource == "arn:aws:lambda:us-east-1:000000000000:function:f"
