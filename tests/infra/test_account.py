"""What accounts ask of a stack: boundaries on every role, alarms that tell, a lake bucket that its server may use."""

import json
from pathlib import Path

import pytest

from lakeloop.attempts import LONGEST_WAIT_SECONDS
from lakeloop.compiler.build import build
from tests.data import ROOT
from tests.infra.planned import Resource, of_type, planned
from tests.infra.running import Terraform
from tests.unit.compiler.taxi import TAXI

SERVER = "arn:aws:iam::123456789012:role/lakefs"
TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"
BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"


@pytest.fixture(scope="module")
def plan(terraform: Terraform) -> list[Resource]:
    return planned(terraform, "tests/demanding.tftest.hcl")


def test_every_role_has_the_boundary(plan: list[Resource]) -> None:
    roles = of_type(plan, "aws_iam_role")

    assert roles
    assert {role.values["permissions_boundary"] for role in roles} == {BOUNDARY}


def test_every_alarm_tells_the_topic_that_it_is_red_and_green(plan: list[Resource]) -> None:
    alarms = of_type(plan, "aws_cloudwatch_metric_alarm")

    assert alarms
    for alarm in alarms:
        assert alarm.values["alarm_actions"] == [TOPIC]
        # A letter that is one period old is not handled by that.
        assert alarm.values["ok_actions"] == ([] if alarm.address.endswith('this["letter"]') else [TOPIC])


def test_second_failure_while_red_is_told_and_letters_before_they_expire(plan: list[Resource]) -> None:
    """The case second-failure-while-red: an alarm that only new letters turn red, and one days before SQS deletes."""
    queues = [queue.values["name"] for queue in of_type(plan, "aws_sqs_queue") if queue.values["name"].endswith("-dlq")]
    alarms = {alarm.values["alarm_name"]: alarm.values for alarm in of_type(plan, "aws_cloudwatch_metric_alarm")}

    assert queues
    for queue in queues:
        letter, expiring = (alarms[f"{queue.removesuffix('-dlq')}-{kind}"] for kind in ("letter", "expiring"))
        assert (letter["namespace"], letter["metric_name"]) == ("lakeloop-test", "DeadLetters")
        told = (letter["period"], letter["evaluation_periods"], letter["treat_missing_data"])
        assert told == (300, 1, "notBreaching")
        assert expiring["dimensions"] == {"QueueName": queue}
        assert (expiring["metric_name"], expiring["threshold"]) == ("ApproximateAgeOfOldestMessage", 11 * 24 * 3600)


def test_every_alarm_names_the_page_that_says_what_to_do(plan: list[Resource]) -> None:
    for alarm in of_type(plan, "aws_cloudwatch_metric_alarm"):
        page = alarm.values["alarm_description"].rpartition("What to do: ")[2]
        assert (ROOT / page).is_file(), alarm.address


def test_every_function_and_queue_is_watched(plan: list[Resource]) -> None:
    watched = {
        (alarm.values["metric_name"], *alarm.values["dimensions"].values())
        for alarm in of_type(plan, "aws_cloudwatch_metric_alarm")
    }

    for function in of_type(plan, "aws_lambda_function"):
        name = function.values["function_name"]
        assert {("Errors", name), ("Throttles", name)} <= watched
    for queue in of_type(plan, "aws_sqs_queue"):
        name = queue.values["name"]
        metric = "ApproximateNumberOfMessagesVisible" if name.endswith("-dlq") else "ApproximateAgeOfOldestMessage"
        assert (metric, name) in watched


def test_one_letter_in_a_dead_letter_queue_is_red_and_an_idle_queue_is_green(plan: list[Resource]) -> None:
    alarms = [alarm for alarm in of_type(plan, "aws_cloudwatch_metric_alarm") if alarm.address.endswith('this["dlq"]')]

    assert len(alarms) == sum(queue.values["name"].endswith("-dlq") for queue in of_type(plan, "aws_sqs_queue"))
    for alarm in alarms:
        assert (alarm.values["threshold"], alarm.values["comparison_operator"]) == (0, "GreaterThanThreshold")
        assert alarm.values["treat_missing_data"] == "notBreaching"


def test_a_message_that_waits_is_seen_however_often_it_was_received(plan: list[Resource]) -> None:
    """SQS leaves messages received three times out of its own metric, so the function's is watched."""
    alarms = {
        alarm.values["dimensions"]["service"]: alarm.values
        for alarm in of_type(plan, "aws_cloudwatch_metric_alarm")
        if alarm.values["metric_name"] == "OldestMessageAge"
    }

    assert set(alarms) == {
        "transform_data",
        "start_tuning",
        "remake_features",
        "reconcile",
        "reconcile_landing",
        "replay_landing",
        "compact",
        "advance_splits",
        "deploy_model",
        "evaluate_model",
        "record_experiment",
        "capture_predictions",
        "join_feedback",
        "monitor",
    }
    for alarm in alarms.values():
        assert (alarm["namespace"], alarm["threshold"], alarm["treat_missing_data"]) == (
            "lakeloop-test",
            3600,
            "notBreaching",
        )
        # Between two deliveries of a message that waits, the alarm stays red.
        assert (alarm["evaluation_periods"] - alarm["datapoints_to_alarm"]) * alarm["period"] >= LONGEST_WAIT_SECONDS


def test_a_lakefs_server_of_ones_own_may_use_the_lake_bucket_and_the_key(plan: list[Resource]) -> None:
    (lake,) = (policy for policy in of_type(plan, "aws_s3_bucket_policy") if '["lake"]' in policy.address)
    (key,) = of_type(plan, "aws_kms_key")

    allowed = {
        resource: set(statement["Action"])
        for statement in json.loads(lake.values["policy"])["Statement"]
        if statement["Principal"] == {"AWS": SERVER}
        for resource in statement["Resource"]
    }
    bucket = "arn:aws:s3:::lakeloop-test-lake-123456789012"
    objects = ("AbortMultipartUpload", "DeleteObject", "GetObject", "ListMultipartUploadParts", "PutObject")
    assert allowed == {
        f"{bucket}/*": {f"s3:{call}" for call in objects},
        bucket: {f"s3:{call}" for call in ("GetBucketLocation", "ListBucket", "ListBucketMultipartUploads")},
    }
    assert [
        statement["Action"]
        for statement in json.loads(key.values["policy"])["Statement"]
        if statement["Principal"] == {"AWS": SERVER}
    ] == [["kms:Decrypt", "kms:GenerateDataKey"]]


def test_no_other_bucket_is_opened_to_the_server(plan: list[Resource]) -> None:
    opened = [policy.address for policy in of_type(plan, "aws_s3_bucket_policy") if SERVER in policy.values["policy"]]

    assert opened == ['module.storage.aws_s3_bucket_policy.this["lake"]']


@pytest.mark.parametrize(("age", "seconds"), [("36h", 36 * 3600), ("30d", 30 * 86400)])
def test_a_dataset_whose_model_may_be_so_old_has_an_alarm_of_its_age(
    terraform: Terraform, tmp_path: Path, age: str, seconds: int
) -> None:
    said = "retrain: {min_new_rows: 300}"
    assert said in TAXI
    (tmp_path / "taxi.yaml").write_text(TAXI.replace(said, f"retrain: {{max_age: {age}}}"))
    build(tmp_path, tmp_path / "compiled")

    plan = planned(
        terraform,
        "tests/demanding.tftest.hcl",
        contracts_directory=str(tmp_path),
        compiled_contracts_directory=str(tmp_path / "compiled"),
    )

    (alarm,) = (found.values for found in of_type(plan, "aws_cloudwatch_metric_alarm") if "module.age" in found.address)
    assert alarm["dimensions"] == {"dataset": "taxi", "service": "start_tuning"}
    assert (alarm["metric_name"], alarm["threshold"], alarm["statistic"]) == ("ModelAge", seconds, "Maximum")
    assert alarm["treat_missing_data"] == "breaching"


@pytest.mark.parametrize(("every", "hours"), [("12h", 12), ("7d", 168)])
def test_a_dataset_whose_files_are_expected_has_an_alarm_of_their_silence(
    terraform: Terraform, tmp_path: Path, every: str, hours: int
) -> None:
    (tmp_path / "taxi.yaml").write_text(f"{TAXI}\nexpect_every: {every}\n")
    (tmp_path / "cab.yaml").write_text(TAXI.replace("name: taxi", "name: cab"))
    build(tmp_path, tmp_path / "compiled")

    plan = planned(
        terraform,
        "tests/demanding.tftest.hcl",
        contracts_directory=str(tmp_path),
        compiled_contracts_directory=str(tmp_path / "compiled"),
    )

    (alarm,) = (
        found.values for found in of_type(plan, "aws_cloudwatch_metric_alarm") if "module.silence" in found.address
    )
    assert alarm["dimensions"] == {"dataset": "taxi", "service": "transform_data"}
    assert (alarm["period"], alarm["evaluation_periods"], alarm["treat_missing_data"]) == (3600, hours, "breaching")
