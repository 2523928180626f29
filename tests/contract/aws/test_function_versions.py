"""Versions and aliases of functions, as Terraform and those who go back to a former version use them."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
import urllib3
from botocore.exceptions import ClientError

from tests.contract.aws.calls import eventually, make_queue
from tests.contract.aws.conftest import Deploy, Emulator, archive, make_function, start_emulator
from tests.contract.aws.gateways import make_api

ARN = "arn:aws:lambda:us-east-1:000000000000:function"
WORD = """
import word
def handler(event, context):
    print("the word is", word.WORD)
    return {"statusCode": 200, "body": word.WORD}
"""
ANSWER = "def handler(event, context): return {'statusCode': 200, 'body': 'answered'}"


def layer(functions: Any, word: str) -> str:  # noqa: ANN401 - a client
    content = archive(python__SLASH__word__py=f"WORD = {word!r}")
    arn: str = functions.publish_layer_version(LayerName="words", Content={"ZipFile": content})["LayerVersionArn"]
    return arn


@pytest.fixture
def two_versions(emulator: Emulator, deploy: Deploy) -> str:
    """A function whose alias `live` is at version 2; version 1 has another layer."""
    functions = emulator.client("lambda")
    name = deploy(WORD, Layers=[layer(functions, "former")])
    functions.publish_version(FunctionName=name)
    functions.update_function_configuration(FunctionName=name, Layers=[layer(functions, "present")])
    functions.publish_version(FunctionName=name)
    functions.create_alias(FunctionName=name, Name="live", FunctionVersion="2")
    return name


def body(functions: Any, name: str, **options: str) -> str:  # noqa: ANN401 - a client
    answer = functions.invoke(FunctionName=name, **options)
    text: str = json.loads(answer["Payload"].read())["body"]
    return text


def test_layers_of_the_previous_version_run_when_the_alias_goes_back(emulator: Emulator, two_versions: str) -> None:
    functions = emulator.client("lambda")
    assert body(functions, two_versions, Qualifier="live") == "present"

    functions.update_alias(FunctionName=two_versions, Name="live", FunctionVersion="1", Description="back")

    assert body(functions, two_versions, Qualifier="live") == "former"
    assert body(functions, two_versions) == "present"


def test_a_queue_wakes_the_version_that_the_alias_names(emulator: Emulator, two_versions: str) -> None:
    functions, sqs = emulator.client("lambda"), emulator.client("sqs")
    url, arn = make_queue(sqs, "wakes-an-alias")
    functions.update_alias(FunctionName=two_versions, Name="live", FunctionVersion="1")
    mapping = functions.create_event_source_mapping(FunctionName=two_versions, EventSourceArn=arn)["UUID"]

    functions.update_event_source_mapping(UUID=mapping, FunctionName=f"{ARN}:{two_versions}:live")
    sqs.send_message(QueueUrl=url, MessageBody="{}")

    def logged() -> list[str]:
        logs = emulator.client("logs")
        try:
            events = logs.filter_log_events(logGroupName=f"/aws/lambda/{two_versions}")["events"]
        except logs.exceptions.ResourceNotFoundException:
            # The first invocation makes the group.
            return []
        return [event["message"].strip() for event in events if "word is" in event["message"]]

    assert eventually(lambda: bool(logged()))
    assert logged() == ["the word is former"]
    (found,) = functions.list_event_source_mappings(EventSourceArn=arn)["EventSourceMappings"]
    assert found["FunctionArn"] == f"{ARN}:{two_versions}:live"
    functions.delete_event_source_mapping(UUID=mapping)


def test_an_alias_has_a_policy_of_its_own(emulator: Emulator, two_versions: str) -> None:
    functions = emulator.client("lambda")
    statement = {
        "FunctionName": two_versions,
        "StatementId": "Api",
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
    }
    functions.add_permission(**statement)
    functions.add_permission(**statement, Qualifier="live")
    with pytest.raises(ClientError, match="ResourceConflict"):
        functions.add_permission(**statement, Qualifier="live")

    functions.remove_permission(FunctionName=two_versions, StatementId="Api")

    (kept,) = json.loads(functions.get_policy(FunctionName=two_versions, Qualifier="live")["Policy"])["Statement"]
    assert kept["Resource"] == f"{ARN}:{two_versions}:live"


def test_reserved_concurrency_holds_back_calls_of_an_alias_too(emulator: Emulator, two_versions: str) -> None:
    functions = emulator.client("lambda")
    functions.put_function_concurrency(FunctionName=two_versions, ReservedConcurrentExecutions=0)

    with pytest.raises(ClientError, match="TooManyRequests"):
        functions.invoke(FunctionName=two_versions, Qualifier="live")


@pytest.fixture(scope="module")
def enforcing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    running = start_emulator(tmp_path_factory.mktemp("versions"), AUTH="true")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def guarded(enforcing: Emulator) -> str:
    """A function with the alias `live`, where policies are enforced."""
    functions, iam = enforcing.client("lambda"), enforcing.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName="handler", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]
    make_function(functions, "guarded", ANSWER, Role=role["Arn"], Publish=True)
    functions.create_alias(FunctionName="guarded", Name="live", FunctionVersion="1")
    return "guarded"


def test_an_api_invokes_only_what_the_policy_of_just_that_lets_it(enforcing: Emulator, guarded: str) -> None:
    functions = enforcing.client("lambda")
    api, url = make_api(enforcing, f"{guarded}:live")
    permission: dict[str, Any] = {
        "FunctionName": guarded,
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": f"arn:aws:execute-api:us-east-1:000000000000:{api}/v1/POST/*",
    }

    def status() -> int:
        return urllib3.request("POST", url, body="{}").status

    functions.add_permission(**permission, StatementId="unqualified")
    assert status() == 500
    other = permission["SourceArn"].replace("/POST/", "/GET/")
    functions.add_permission(**{**permission, "SourceArn": other}, StatementId="another-method", Qualifier="live")
    assert status() == 500
    functions.add_permission(**permission, StatementId="qualified", Qualifier="live")
    assert status() == 200


Who = Callable[..., Any]


@pytest.fixture(scope="module")
def who(enforcing: Emulator) -> Who:
    """Lambda as a user who may do just one thing."""

    def user(action: str, resource: str) -> Any:  # noqa: ANN401 - a client
        iam, name = enforcing.client("iam"), action.rpartition(":")[2]
        iam.create_user(UserName=name)
        statement = {"Effect": "Allow", "Action": action, "Resource": resource}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName=name, PolicyName="one", PolicyDocument=policy)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name="us-east-1")
        return session.client("lambda", endpoint_url=enforcing.url)

    return user


def test_rights_are_asked_for_on_the_version_or_alias(enforcing: Emulator, guarded: str, who: Who) -> None:
    layers = "arn:aws:lambda:us-east-1:000000000000:layer"
    layer(enforcing.client("lambda"), "kept")
    layer(enforcing.client("lambda"), "old")

    deletes = who("lambda:DeleteLayerVersion", f"{layers}:words:2")
    deletes.delete_layer_version(LayerName="words", VersionNumber=2)
    with pytest.raises(ClientError, match="AccessDenied"):
        deletes.delete_layer_version(LayerName="words", VersionNumber=1)
    lists = who("lambda:ListLayerVersions", "*")
    assert [found["Version"] for found in lists.list_layer_versions(LayerName="words")["LayerVersions"]] == [1]
    with pytest.raises(ClientError, match="AccessDenied"):
        lists.delete_layer_version(LayerName="words", VersionNumber=1)
    goes_back = who("lambda:UpdateAlias", f"{ARN}:{guarded}")
    assert goes_back.update_alias(FunctionName=guarded, Name="live", FunctionVersion="1")["FunctionVersion"] == "1"
    with pytest.raises(ClientError, match="AccessDenied"):
        goes_back.invoke(FunctionName=guarded)
    invokes = who("lambda:InvokeFunction", f"{ARN}:{guarded}:live")
    assert body(invokes, guarded, Qualifier="live") == "answered"
    with pytest.raises(ClientError, match="AccessDenied"):
        invokes.invoke(FunctionName=guarded)
