"""A process that really dies: what it worked on waits in the dead-letter queue soon, and its neighbours are handled."""

import io
import json
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import boto3
import pytest

from lakeloop.client.environment import Environment
from tests.e2e.conftest import Deployment
from tests.e2e.test_loop import eventually

# As transform_data's handler, with seconds in the place of minutes; it dies of the message `killer`.
HANDLER = """
import os
from dataclasses import replace
import boto3
from lakeloop.adapters.messaging import consumer
from lakeloop.consumer import each
from lakeloop.settings import ChainSettings

settings = ChainSettings.load()
s3 = boto3.client("s3")
queue = replace(consumer(settings, s3, boto3.client("sqs")), hidden_seconds=3, renewed_each_seconds=1)

def handle(message):
    if message.body == "killer":
        os._exit(1)
    s3.put_object(Bucket=settings.artifacts_bucket, Key=f"handled/{message.body}", Body=b"")

def handler(event, context):
    return queue.consume(event, each(handle), context.get_remaining_time_in_millis)
"""
MAY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["s3:*", "sqs:*", "kms:*", "logs:*"], "Resource": "*"}],
}
LAMBDA = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}],
}


@dataclass(frozen=True)
class MortalChain:
    name: str
    queue_url: str
    dlq_url: str


@pytest.fixture
def chain(deployment: Deployment) -> Iterator[MortalChain]:
    """A queue, its dead-letter queue and a function that the shipped layers make."""
    name = f"mortal-{uuid.uuid4().hex[:8]}"
    sqs, functions, iam = boto3.client("sqs"), boto3.client("lambda"), boto3.client("iam")
    made = deployment.environment.outputs.chains["transform_data"]
    shipped = functions.get_function_configuration(FunctionName=made.function_name)
    chain = MortalChain(
        name,
        sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "600"})["QueueUrl"],
        sqs.create_queue(QueueName=f"{name}-dlq")["QueueUrl"],
    )
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(LAMBDA))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="calls", PolicyDocument=json.dumps(MAY))
    functions.create_function(
        FunctionName=name,
        Role=role,
        Runtime=shipped["Runtime"],
        Handler="handler.handler",
        Timeout=60,
        Code={"ZipFile": zipped(HANDLER)},
        Layers=[layer["Arn"] for layer in shipped["Layers"]],
        Environment={
            "Variables": {
                **shipped["Environment"]["Variables"],
                "QUEUE_URL": chain.queue_url,
                "DLQ_URL": chain.dlq_url,
                "POWERTOOLS_SERVICE_NAME": name,
            }
        },
    )
    yield chain
    for mapping in functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]:
        functions.delete_event_source_mapping(UUID=mapping["UUID"])
    functions.delete_function(FunctionName=name)
    logs = boto3.client("logs")
    for group in logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"]:
        logs.delete_log_group(logGroupName=group["logGroupName"])
    for url in (chain.queue_url, chain.dlq_url):
        sqs.delete_queue(QueueUrl=url)
    iam.delete_role_policy(RoleName=name, PolicyName="calls")
    iam.delete_role(RoleName=name)


def zipped(source: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("handler.py", source)
    return content.getvalue()


def start(chain: MortalChain) -> None:
    sqs = boto3.client("sqs")
    arn = sqs.get_queue_attributes(QueueUrl=chain.queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    boto3.client("lambda").create_event_source_mapping(
        FunctionName=chain.name, EventSourceArn=arn, BatchSize=10, FunctionResponseTypes=["ReportBatchItemFailures"]
    )


def test_what_kills_the_process_is_dead_lettered_alone(deployment: Deployment, chain: MortalChain) -> None:
    environment: Environment = deployment.environment
    sqs = boto3.client("sqs")
    bodies = [f"{chain.name}-before", "killer", f"{chain.name}-after"]
    for body in bodies:
        sqs.send_message(QueueUrl=chain.queue_url, MessageBody=body)
    letters: list[dict[str, object]] = []

    def letter_and_neighbours() -> bool:
        answer = sqs.receive_message(QueueUrl=chain.dlq_url, MessageAttributeNames=["All"], WaitTimeSeconds=1)
        letters.extend(dict(message) for message in answer.get("Messages", []))
        handled = environment.s3.list_objects_v2(
            Bucket=environment.outputs.artifacts_bucket, Prefix=f"handled/{chain.name}"
        )
        return bool(letters) and handled["KeyCount"] == 2

    start(chain)
    eventually("the letter of what kills, and its neighbours", letter_and_neighbours)

    [letter] = letters
    assert letter["Body"] == "killer"
    attributes = letter["MessageAttributes"]
    assert isinstance(attributes, dict)
    assert "crashed or timed out" in attributes["reason"]["StringValue"]
    marks = environment.s3.list_objects_v2(Bucket=environment.outputs.artifacts_bucket, Prefix=f"started/{chain.name}/")
    assert marks["KeyCount"] == 0
