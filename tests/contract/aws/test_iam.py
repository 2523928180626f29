"""With IAM enforced, a call is made with the rights of its caller, and with no others."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.contract.aws.conftest import Emulator, start_emulator


@pytest.fixture(scope="module")
def enforcing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    running = start_emulator(tmp_path_factory.mktemp("iam"), AUTH="true")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def reader(enforcing: Emulator) -> Any:  # noqa: ANN401 - a client
    """S3 as a user who may read below `open/` of one bucket."""
    iam, storage = enforcing.client("iam"), enforcing.client("s3")
    storage.create_bucket(Bucket="guarded")
    for key in ("open/a", "closed/a"):
        storage.put_object(Bucket="guarded", Key=key, Body=b"content")
    iam.create_user(UserName="reader")
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::guarded/open/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=policy)
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name="us-east-1")
    return session.client("s3", endpoint_url=enforcing.url)


def test_a_granted_call_passes_and_others_are_denied(reader: Any) -> None:  # noqa: ANN401
    assert reader.get_object(Bucket="guarded", Key="open/a")["Body"].read() == b"content"

    with pytest.raises(ClientError, match="AccessDenied"):
        reader.get_object(Bucket="guarded", Key="closed/a")
    with pytest.raises(ClientError, match="AccessDenied"):
        reader.put_object(Bucket="guarded", Key="open/b", Body=b"")


def test_a_rule_of_the_default_bus_is_named_to_policies_without_the_bus(enforcing: Emulator) -> None:
    iam, events = enforcing.client("iam"), enforcing.client("events")
    for rule in ("mine", "another"):
        events.put_rule(Name=rule, EventPattern=json.dumps({"source": ["aws.sagemaker"]}))
    iam.create_user(UserName="watcher")
    resource = "arn:aws:events:us-east-1:000000000000:rule/mine"
    statement = {"Effect": "Allow", "Action": "events:DescribeRule", "Resource": resource}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="watcher", PolicyName="watch", PolicyDocument=policy)
    key = iam.create_access_key(UserName="watcher")["AccessKey"]
    session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name="us-east-1")
    watcher = session.client("events", endpoint_url=enforcing.url)

    assert watcher.describe_rule(Name="mine")["Arn"] == resource
    with pytest.raises(ClientError, match="AccessDenied"):
        watcher.describe_rule(Name="another")


def test_a_batch_call_needs_the_right_of_the_single_call(enforcing: Emulator) -> None:
    iam, sqs = enforcing.client("iam"), enforcing.client("sqs")
    url = sqs.create_queue(QueueName="worked-off")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="in")
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    iam.create_user(UserName="worker")
    resource = "arn:aws:sqs:us-east-1:000000000000:worked-off"
    statement = {"Effect": "Allow", "Action": "sqs:ChangeMessageVisibility", "Resource": resource}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="worker", PolicyName="work", PolicyDocument=policy)
    key = iam.create_access_key(UserName="worker")["AccessKey"]
    session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name="us-east-1")
    worker: Any = session.client("sqs", endpoint_url=enforcing.url)
    entry = {"Id": "0", "ReceiptHandle": message["ReceiptHandle"]}

    changed = worker.change_message_visibility_batch(QueueUrl=url, Entries=[{**entry, "VisibilityTimeout": 5}])

    assert [done["Id"] for done in changed["Successful"]] == ["0"]
    with pytest.raises(ClientError, match="sqs:DeleteMessage "):
        worker.delete_message_batch(QueueUrl=url, Entries=[entry])


def test_a_policy_that_wants_tls_does_not_shut_out_loopback(enforcing: Emulator) -> None:
    sqs = enforcing.client("sqs")
    url = sqs.create_queue(QueueName="over-tls-only")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": arn, "Condition": condition}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})

    assert sqs.send_message(QueueUrl=url, MessageBody="in")["MessageId"]


def test_another_denial_on_the_same_queue_holds(enforcing: Emulator) -> None:
    sqs = enforcing.client("sqs")
    url = sqs.create_queue(QueueName="closed")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})

    with pytest.raises(ClientError, match="AccessDenied"):
        sqs.send_message(QueueUrl=url, MessageBody="out")
