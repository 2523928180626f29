"""Each gap is still there in ministack alone. When one of these fails, ministack has learnt it: delete that patch."""

import json
import time
from functools import partial

import pytest
import urllib3
from botocore.exceptions import ClientError

from tests.contract.aws.calls import alarm_state, make_queue, put_alarm, put_in_parts, query, usage_plan_as_sent
from tests.contract.aws.conftest import EVENTS_TOKEN, Emulator, make_function


def test_trusted_events_have_no_route(bare: Emulator) -> None:
    answer = urllib3.request(
        "POST", f"{bare.url}/_lakeloop/events", body=b'{"Entries":[]}', headers={"X-Lakeloop-Token": EVENTS_TOKEN}
    )

    assert answer.status != 200


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
    make_function(functions, "metrics", f"def handler(event, context): print({line!r})")
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
