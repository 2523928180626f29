"""What Terraform reads back is what it wrote, also in the protocol that its provider speaks."""

import json
import uuid
from collections.abc import Iterator

import pytest
import urllib3

from tests.contract.aws.calls import SCOPE, XMLNS, put_in_parts, query, usage_plan_as_sent
from tests.contract.aws.conftest import Emulator


@pytest.fixture
def alarm(emulator: Emulator) -> Iterator[str]:
    name = f"alarm-{uuid.uuid4().hex[:8]}"
    query(
        emulator,
        Action="PutMetricAlarm",
        AlarmName=name,
        AlarmDescription="too many < & >",
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        **{"Dimensions.member.1.Name": "QueueName", "Dimensions.member.1.Value": "a-queue"},
        Statistic="Maximum",
        Period="300",
        EvaluationPeriods="2",
        Threshold="0",
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
        **{"AlarmActions.member.1": "arn:aws:sns:us-east-1:000000000000:ops"},
        **{"InsufficientDataActions.member.1": "arn:aws:sns:us-east-1:000000000000:quiet"},
    )
    yield name
    emulator.client("cloudwatch").delete_alarms(AlarmNames=[name])


def test_an_alarm_is_described_whole_in_the_query_protocol(emulator: Emulator, alarm: str) -> None:
    described = query(emulator, Action="DescribeAlarms", **{"AlarmNames.member.1": alarm}).find(f".//{XMLNS}member")

    assert described is not None
    text = {child.tag.removeprefix(XMLNS): child.text for child in described}
    assert text["AlarmName"] == alarm
    assert text["AlarmDescription"] == "too many < & >"
    assert (text["Period"], text["Statistic"], text["TreatMissingData"]) == ("300", "Maximum", "notBreaching")
    assert (text["EvaluationPeriods"], text["ActionsEnabled"]) == ("2", "true")
    lists = {tag: [item.text for item in described.iter(f"{XMLNS}{tag}")] for tag in ("Name", "Value")}
    assert lists == {"Name": ["QueueName"], "Value": ["a-queue"]}
    actions = [item.text for item in described.findall(f"{XMLNS}AlarmActions/{XMLNS}member")]
    assert actions == ["arn:aws:sns:us-east-1:000000000000:ops"]


def test_boto3_and_the_query_protocol_see_the_same_alarm(emulator: Emulator, alarm: str) -> None:
    [described] = emulator.client("cloudwatch").describe_alarms(AlarmNames=[alarm])["MetricAlarms"]

    assert described["InsufficientDataActions"] == ["arn:aws:sns:us-east-1:000000000000:quiet"]
    assert described["Dimensions"] == [{"Name": "QueueName", "Value": "a-queue"}]


def test_only_the_alarms_asked_for_are_described(emulator: Emulator, alarm: str) -> None:
    answer = query(emulator, Action="DescribeAlarms", **{"AlarmNames.member.1": "another"})

    assert answer.find(f".//{XMLNS}member") is None


def test_an_api_key_without_a_value_gets_one_and_a_short_one_is_refused(emulator: Emulator) -> None:
    gateway = emulator.client("apigateway")

    made = gateway.create_api_key(name="generated", value="")

    assert len(made["value"]) >= 20
    with pytest.raises(gateway.exceptions.BadRequestException):
        gateway.create_api_key(name="short", value="short")


def test_a_disabled_key_says_so_and_can_be_enabled_again(emulator: Emulator) -> None:
    gateway = emulator.client("apigateway")
    made = gateway.create_api_key(name="rotated", value="", enabled=True)["id"]

    for value, enabled in (("false", False), ("true", True)):
        operation = {"op": "replace", "path": "/enabled", "value": value}
        gateway.update_api_key(apiKey=made, patchOperations=[operation])
        assert gateway.get_api_key(apiKey=made)["enabled"] is enabled


def test_tags_show_where_a_part_of_the_api_is_described(emulator: Emulator) -> None:
    gateway = emulator.client("apigateway")
    api = gateway.create_rest_api(name="api", tags={"stays": "1", "goes": "1"})["id"]
    deployment = gateway.create_deployment(restApiId=api)["id"]
    gateway.create_stage(restApiId=api, stageName="v1", deploymentId=deployment)
    arn = f"arn:aws:apigateway:us-east-1::/restapis/{api}"

    gateway.tag_resource(resourceArn=arn, tags={"comes": "1"})
    gateway.untag_resource(resourceArn=arn, tagKeys=["goes"])
    gateway.tag_resource(resourceArn=f"{arn}/stages/v1", tags={"comes": "2"})

    assert gateway.get_rest_api(restApiId=api)["tags"] == {"stays": "1", "comes": "1"}
    assert gateway.get_stage(restApiId=api, stageName="v1")["tags"] == {"comes": "2"}


def test_a_stage_and_a_plan_without_settings_are_described_without_them(emulator: Emulator) -> None:
    gateway = emulator.client("apigateway")
    api = gateway.create_rest_api(name="api")["id"]
    deployment = gateway.create_deployment(restApiId=api)["id"]

    made = gateway.create_stage(restApiId=api, stageName="v1", deploymentId=deployment)
    stage = gateway.get_stage(restApiId=api, stageName="v1")
    plan = gateway.get_usage_plan(usagePlanId=gateway.create_usage_plan(name="plan")["id"])

    assert "accessLogSettings" not in made.keys() | stage.keys()
    assert not {"quota", "throttle"} & plan.keys()
    assert stage["stageName"] == "v1"


def test_a_stage_and_a_plan_keep_the_settings_they_have(emulator: Emulator) -> None:
    gateway = emulator.client("apigateway")

    plan = gateway.create_usage_plan(name="plan", throttle={"rateLimit": 5.0, "burstLimit": 9})

    assert gateway.get_usage_plan(usagePlanId=plan["id"])["throttle"] == {"rateLimit": 5.0, "burstLimit": 9}


def test_a_changed_limit_of_a_usage_plan_stays_a_number(emulator: Emulator) -> None:
    gateway = emulator.client("apigateway")
    plan = gateway.create_usage_plan(name="plan", throttle={"rateLimit": 5.0, "burstLimit": 9})["id"]

    change = [
        {"op": "replace", "path": "/throttle/rateLimit", "value": "2.5"},
        {"op": "replace", "path": "/throttle/burstLimit", "value": "7"},
    ]
    gateway.update_usage_plan(usagePlanId=plan, patchOperations=change)

    assert usage_plan_as_sent(emulator, plan)["throttle"] == {"rateLimit": 2.5, "burstLimit": 7}


@pytest.mark.parametrize("versioned", [False, True])
def test_an_object_uploaded_in_parts_keeps_its_tags(emulator: Emulator, versioned: bool) -> None:
    storage = emulator.client("s3")
    bucket = f"parts-{uuid.uuid4().hex[:12]}"
    storage.create_bucket(Bucket=bucket)
    if versioned:
        storage.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})

    put_in_parts(storage, bucket, "tagged", Tagging="colour=dark%20blue&empty=")
    put_in_parts(storage, bucket, "plain")

    tags = storage.get_object_tagging(Bucket=bucket, Key="tagged")["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"colour": "dark blue", "empty": ""}
    assert storage.get_object_tagging(Bucket=bucket, Key="plain")["TagSet"] == []


def test_an_answer_in_json_is_still_json(emulator: Emulator, alarm: str) -> None:
    answer = urllib3.request(
        "POST",
        emulator.url,
        body=json.dumps({"AlarmNames": [alarm]}),
        headers={
            "Authorization": SCOPE,
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": "GraniteServiceVersion20100801.DescribeAlarms",
        },
    )

    assert answer.json()["MetricAlarms"][0]["AlarmName"] == alarm
