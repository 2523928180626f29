"""With IAM enforced, SageMaker's calls too are made with the rights of their caller, down to tags and passed roles."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from tests.contract.aws.conftest import EVENTS_TOKEN, Emulator, start_emulator
from tests.contract.sagemaker.cloud import LocalServer

ARN = "arn:aws:sagemaker:us-east-1:000000000000"
ROLE = "arn:aws:iam::000000000000:role/lakeloop-dev-sagemaker"
TAG = "lakeloop:environment"
OURS, THEIRS = "lakeloop-dev", "lakeloop-dev-2"
OWNED = {"StringEqualsIfExists": {f"aws:ResourceTag/{TAG}": OURS}}
MADE = {**OWNED, "StringEquals": {f"aws:RequestTag/{TAG}": OURS}}
MODELS = f"{ARN}:model/{OURS}-*"

Made = Callable[..., Any]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    running = start_emulator(tmp_path_factory.mktemp("iam"), AUTH="true")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def server(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    running = LocalServer(
        tmp_path_factory.mktemp("sagemaker"),
        emulator.url,
        LAKELOOP_RIGHTS_URL=f"{emulator.url}/_lakeloop/rights",
        LAKELOOP_EVENTS_TOKEN=EVENTS_TOKEN,
    )
    yield running
    running.stop()


@pytest.fixture(scope="module")
def root(server: LocalServer) -> Any:  # noqa: ANN401 a client
    session = boto3.Session("test", "test", region_name="us-east-1")
    return session.client("sagemaker", endpoint_url=server.url)


@pytest.fixture(scope="module")
def sagemaker(emulator: Emulator, server: LocalServer) -> Any:  # noqa: ANN401 a client
    """SageMaker as somebody with the rights of a function of `lakeloop-dev`."""
    iam = emulator.client("iam")
    iam.create_user(UserName="function")
    passed = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    statements: list[dict[str, object]] = [
        {"Action": ["sagemaker:CreateModel", "sagemaker:AddTags"], "Resource": MODELS, "Condition": MADE},
        {"Action": "sagemaker:DeleteModel", "Resource": MODELS, "Condition": OWNED},
        {"Action": ["sagemaker:DescribeModel", "sagemaker:ListTags"], "Resource": MODELS},
        {"Action": "sagemaker:ListModels", "Resource": "*"},
        {"Action": "iam:PassRole", "Resource": ROLE, "Condition": passed},
    ]
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement} for statement in statements]}
    iam.put_user_policy(UserName="function", PolicyName="calls", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName="function")["AccessKey"]
    session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name="us-east-1")
    return session.client("sagemaker", endpoint_url=server.url)


def make(client: Any, name: str, environment: str = "", role: str = ROLE) -> None:  # noqa: ANN401 a client
    tags = [{"Key": TAG, "Value": environment}] if environment else []
    container = {"Image": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"}
    client.create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=role, Tags=tags)


def denied(action: str) -> Any:  # noqa: ANN401 pytest's own
    return pytest.raises(ClientError, match=rf"AccessDeniedException.*user/function is not authorized .*: {action} on")


def test_what_is_tagged_as_ours_is_made_seen_and_deleted(sagemaker: Any) -> None:  # noqa: ANN401
    make(sagemaker, f"{OURS}-a", OURS)

    assert sagemaker.describe_model(ModelName=f"{OURS}-a")["ModelName"] == f"{OURS}-a"
    assert [found["ModelName"] for found in sagemaker.list_models(NameContains=f"{OURS}-a")["Models"]] == [f"{OURS}-a"]
    sagemaker.delete_model(ModelName=f"{OURS}-a")


@pytest.mark.parametrize("environment", ["", THEIRS])
def test_nothing_is_made_without_our_tag(sagemaker: Any, environment: str) -> None:  # noqa: ANN401
    with denied("sagemaker:CreateModel"):
        make(sagemaker, f"{OURS}-b", environment)


def test_what_another_environment_owns_is_seen_and_not_deleted_though_its_name_begins_as_ours(
    sagemaker: Any,  # noqa: ANN401
    root: Any,  # noqa: ANN401
) -> None:
    make(root, f"{THEIRS}-wine", THEIRS)

    assert sagemaker.list_tags(ResourceArn=f"{ARN}:model/{THEIRS}-wine")["Tags"] == [{"Key": TAG, "Value": THEIRS}]
    with denied("sagemaker:DeleteModel"):
        sagemaker.delete_model(ModelName=f"{THEIRS}-wine")


def test_what_is_not_there_is_missing_and_not_forbidden(sagemaker: Any) -> None:  # noqa: ANN401
    with pytest.raises(ClientError, match="Could not find model"):
        sagemaker.delete_model(ModelName=f"{OURS}-gone")


def test_a_call_or_a_name_without_a_right_is_denied(sagemaker: Any) -> None:  # noqa: ANN401
    with denied("sagemaker:ListEndpoints"):
        sagemaker.list_endpoints()
    with denied("sagemaker:CreateModel"):
        make(sagemaker, "somebody-else", OURS)


def test_only_a_role_that_may_be_passed_is(sagemaker: Any) -> None:  # noqa: ANN401
    with denied("iam:PassRole"):
        make(sagemaker, f"{OURS}-c", OURS, role="arn:aws:iam::000000000000:role/administrator")


def test_an_endpoint_is_invoked_with_rights_only(sagemaker: Any, server: LocalServer) -> None:  # noqa: ANN401
    key = sagemaker._request_signer._credentials
    session = boto3.Session(key.access_key, key.secret_key, region_name="us-east-1")

    with denied("sagemaker:InvokeEndpoint"):
        session.client("sagemaker-runtime", endpoint_url=server.url).invoke_endpoint(EndpointName="e", Body=b"1")


def test_who_signs_nothing_or_is_unknown_is_refused(server: LocalServer) -> None:
    headers = {"X-Amz-Target": "SageMaker.ListModels", "Content-Type": "application/x-amz-json-1.1"}
    answer = requests.post(server.url, headers=headers, data=b"{}", timeout=10)
    assert answer.json()["__type"] == "MissingAuthenticationTokenException"

    stranger = boto3.Session("AKIAUNKNOWN", "x", region_name="us-east-1").client("sagemaker", endpoint_url=server.url)
    with pytest.raises(ClientError, match="an unknown access key is not authorized"):
        stranger.list_models()


def test_only_parts_of_the_local_cloud_may_ask_for_rights(emulator: Emulator) -> None:
    question: Any = {"access_key": "test", "action": "sagemaker:ListModels", "resource": "*", "context": {}}

    refused = requests.post(f"{emulator.url}/_lakeloop/rights", json=question, timeout=10)
    asked = requests.post(
        f"{emulator.url}/_lakeloop/rights", json=question, headers={"X-Lakeloop-Token": EVENTS_TOKEN}, timeout=10
    )

    assert refused.status_code == 403
    assert asked.json() == {"caller": "arn:aws:iam::000000000000:root", "allowed": True}
