"""The life of the infrastructure: unchanged, changed, tampered with, destroyed. Last of the session, in this order."""

import json
import os
import shutil
import subprocess
import zipfile
from dataclasses import dataclass, replace
from importlib.metadata import version

import boto3
import pytest
import urllib3

from lakeloop import names
from lakeloop.client.environment import Environment
from lakeloop.client.rollouts import Rollouts
from lakeloop.local.terraform.command import Terraform, TerraformError
from tests.cases import OPS
from tests.data import ROOT
from tests.e2e.conftest import Deployment
from tests.e2e.inventory import Inventory
from tests.e2e.test_loop import eventually

CHANGED = {
    "TF_VAR_log_level": "DEBUG",
    "TF_VAR_log_retention_days": "400",
    "TF_VAR_api_throttle": '{"requests_per_second": 20, "burst": 40}',
    "TF_VAR_tags": '{"owner": "data-team"}',
    "TF_VAR_api_keys": '{"default": {"enabled": false}, "web": {}}',
    "TF_VAR_api_cors_origins": '["https://page.example"]',
}


@dataclass(frozen=True)
class Others:
    """What somebody else hung on ours: a queue that listens to a topic, and a tag of their own on each endpoint."""

    queue: str
    subscription: str
    endpoints: tuple[str, ...]


@pytest.fixture(scope="module")
def others(deployment: Deployment) -> Others:
    queue = boto3.client("sqs").create_queue(QueueName="other-team")["QueueUrl"]
    topic = deployment.environment.outputs.chains["start_tuning"].topic_arn
    arn = topic.replace(":sns:", ":sqs:").rpartition(":")[0] + ":other-team"
    subscription = boto3.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    sagemaker = deployment.environment.sagemaker
    endpoints = tuple(endpoint["EndpointArn"] for endpoint in sagemaker.list_endpoints()["Endpoints"])
    for endpoint in endpoints:
        sagemaker.add_tags(ResourceArn=endpoint, Tags=[{"Key": "team", "Value": "other"}])
    return Others(queue, subscription, endpoints)


@pytest.fixture(scope="module")
def built(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The packages with one more file in the lakeloop layer, as another build would have."""
    runtime, architecture = (deployment.variables[f"TF_VAR_lambda_{part}"] for part in ("runtime", "architecture"))
    packages = tmp_path_factory.mktemp("build") / "packages"
    shutil.copytree(ROOT / "build" / f"{runtime}-{architecture}", packages)
    with zipfile.ZipFile(packages / "layers" / "lakeloop.zip", "a") as layer:
        layer.writestr("python/lakeloop/another_build.py", "")
    return str(packages)


@pytest.fixture(scope="module")
def changed(deployment: Deployment, others: Others, built: str) -> Deployment:
    """The deployment with some arguments and a layer changed, applied."""
    assert deployment.environment.api_key, "the key that is disabled here was in use"
    deployment = replace(deployment, variables={**deployment.variables, "TF_VAR_packages_directory": built})
    terraform = Terraform(ROOT / "infra", deployed_as(deployment))
    before = served()
    terraform.apply()
    assert served() == before, "an apply that changes every function, the reaper's too, deletes nothing that serves"
    return replace(deployment, terraform=terraform)


def test_plan_after_apply_shows_no_changes(deployment: Deployment) -> None:
    assert not deployment.terraform.plan()


def test_existing_subscriptions_and_tags_are_kept(changed: Deployment, others: Others) -> None:
    """The case existing-subscriptions-and-tags: what others set lives outside Terraform, and an apply leaves it."""
    sns = boto3.client("sns")

    assert sns.get_subscription_attributes(SubscriptionArn=others.subscription)["Attributes"]["Protocol"] == "sqs"
    for endpoint in others.endpoints:
        tags = changed.environment.sagemaker.list_tags(ResourceArn=endpoint)["Tags"]
        assert {"Key": "team", "Value": "other"} in tags

    sns.unsubscribe(SubscriptionArn=others.subscription)
    boto3.client("sqs").delete_queue(QueueUrl=others.queue)


def test_changed_arguments_arrive_and_leave_nothing_to_change(changed: Deployment) -> None:
    function = boto3.client("lambda").get_function_configuration(
        FunctionName=changed.environment.outputs.functions["predict"].name
    )

    assert function["Environment"]["Variables"]["LOG_LEVEL"] == "DEBUG"
    assert boto3.client("lambda").list_tags(Resource=function["FunctionArn"])["Tags"] == {
        "owner": "data-team",
        "lakeloop:environment": changed.environment.outputs.name_prefix,
        "lakeloop:region": changed.environment.outputs.region,
        "lakeloop:version": version("lakeloop"),
    }
    assert not changed.terraform.plan()


def test_api_key_rotation_lets_the_new_key_in_and_the_disabled_one_no_more(changed: Deployment) -> None:
    """The case api-key-rotation: one key was added and the other disabled, in one apply."""
    old = changed.environment.api_key
    environment = Environment.current()

    assert environment.outputs.api_key_ids.keys() == {"default", "web"}
    assert environment.api_key != old
    assert [ask(environment, "POST", key).status for key in (old, environment.api_key)] == [403, 404]


def test_a_method_that_was_added_is_deployed_and_answers_pages_of_the_listed_origin(changed: Deployment) -> None:
    environment = Environment.current()

    preflight = ask(environment, "OPTIONS", "")
    refused = ask(environment, "POST", "")

    assert (preflight.status, preflight.headers["Access-Control-Allow-Origin"]) == (204, "https://page.example")
    assert (refused.status, refused.headers["Access-Control-Allow-Origin"]) == (403, "https://page.example")


def ask(environment: Environment, method: str, key: str) -> urllib3.BaseHTTPResponse:
    """What a page of the listed origin is answered about a dataset that is not there."""
    return urllib3.request(
        method,
        f"{environment.api_base_url}/datasets/nothing/predictions",
        body='{"features": {}}' if method == "POST" else None,
        headers={"x-api-key": key, "content-type": "application/json", "origin": "https://page.example"},
    )


def test_a_resource_deleted_behind_its_back_is_seen(changed: Deployment) -> None:
    group = changed.environment.outputs.functions["predict"].log_group
    boto3.client("logs").delete_log_group(logGroupName=group)

    assert changed.terraform.plan()


@pytest.fixture(scope="module")
def model(changed: Deployment) -> str:
    """A model as deploy_model makes them: what an environment that goes takes with it, and one that stays keeps."""
    outputs = changed.environment.outputs
    name = f"{outputs.name_prefix}-guarded"
    changed.environment.sagemaker.create_model(
        ModelName=name,
        PrimaryContainer={"Image": "image", "ModelDataUrl": f"s3://{outputs.artifacts_bucket}/model.tar.gz"},
        ExecutionRoleArn="arn:aws:iam::000000000000:role/r",
        Tags=[{"Key": names.ENVIRONMENT_TAG, "Value": outputs.name_prefix}],
    )
    return name


def served() -> dict[str, frozenset[str]]:
    return {what: found for what, found in Inventory.take().names.items() if what.startswith("sagemaker.")}


def test_reaper_replaced_in_an_ordinary_apply_deletes_nothing_that_serves(changed: Deployment, model: str) -> None:
    """The case reaper-replaced."""
    before = served()
    assert model in before["sagemaker.list_models"]

    changed.terraform.apply(replace=["module.lakeloop.aws_lambda_invocation.reap_endpoints"])

    assert served() == before
    eventually("the reaper to say why", lambda: bool(reaper_said(changed, "not reaped")))
    (said,) = reaper_said(changed, "not reaped")
    assert "nothing is deleted, because the environment stays: there is still the queue" in said


def reaper_said(changed: Deployment, message: str) -> list[str]:
    group = changed.environment.outputs.functions["reap_endpoints"].log_group
    pages = changed.environment.logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, filterPattern=f'"{message}"'
    )
    return [event["message"] for page in pages for event in page["events"]]


@pytest.mark.parametrize("tf", json.loads((OPS / "reaper-updated" / "events.json").read_text()))
def test_reaper_updated_deletes_nothing_that_serves(changed: Deployment, model: str, tf: dict[str, object]) -> None:
    before = served()

    answer = boto3.client("lambda").invoke(
        FunctionName=changed.environment.outputs.functions["reap_endpoints"].name, Payload=json.dumps(tf)
    )

    assert json.loads(answer["Payload"].read()) == {"deleted": []}
    assert served() == before


def test_layers_of_the_previous_version_run_again_and_the_next_plan_says_why(changed: Deployment) -> None:
    """The case layers-of-the-previous-version: code, layers and settings of the apply before, in one step."""
    functions, name = boto3.client("lambda"), changed.environment.outputs.functions["predict"].name
    applied = functions.get_function_configuration(FunctionName=name, Qualifier="live")
    rollouts = Rollouts(changed.environment)

    rollouts.go(rollouts.way(None), "answers are wrong")

    former = functions.get_function_configuration(FunctionName=name, Qualifier="live")
    assert former["Environment"]["Variables"]["LOG_LEVEL"] != applied["Environment"]["Variables"]["LOG_LEVEL"]
    assert former["Layers"] != applied["Layers"]
    for layer in former["Layers"]:
        assert functions.get_layer_version_by_arn(Arn=layer["Arn"])
    for configuration in (former, applied):
        layers = [layer["Arn"] for layer in configuration["Layers"]]
        assert functions.update_function_configuration(FunctionName=name, Layers=layers)
    assert functions.invoke(FunctionName=f"{name}:live", Payload="{}")["ExecutedVersion"] == former["Version"]
    environment = Environment.current()
    assert ask(environment, "POST", environment.api_key).status == 404
    planned: list[str] = []
    assert changed.terraform.plan(planned.append)
    assert f"by {changed.environment.caller}: answers are wrong" in "\n".join(planned)


@pytest.fixture(scope="module")
def careful(changed: Deployment) -> Terraform:
    """Terraform with values that let no data go."""
    return Terraform(ROOT / "infra", {**deployed_as(changed), "TF_VAR_force_destroy": "false"})


def test_log_group_came_back_and_is_taken_over(changed: Deployment, careful: Terraform) -> None:
    """The case log-group-came-back: AWS made the groups of an endpoint and of two functions again by themselves."""
    endpoint = f"/aws/sagemaker/Endpoints/{names.endpoint(changed.environment.outputs.name_prefix, 'breast_cancer')}"
    functions = changed.environment.outputs.functions
    came_back = {
        'module.lakeloop.module.sagemaker.aws_cloudwatch_log_group.endpoint["lakeloop-local-breast-cancer"]': endpoint,
        'module.lakeloop.module.function["predict"].aws_cloudwatch_log_group.this': functions["predict"].log_group,
        'module.lakeloop.module.bootstrap["bootstrap_lake"].aws_cloudwatch_log_group.this': functions[
            "bootstrap_lake"
        ].log_group,
        'module.lakeloop.module.event_chain["deploy_model"].module.function.aws_cloudwatch_log_group.this': functions[
            "deploy_model"
        ].log_group,
    }
    forget = ["terraform", f"-chdir={ROOT / 'infra'}", "state", "rm", *came_back]
    subprocess.run(forget, env={**os.environ, **changed.variables}, check=True, capture_output=True)
    for group in came_back.values():
        changed.environment.logs.delete_retention_policy(logGroupName=group)

    careful.apply()

    assert Rollouts(changed.environment).set_back == {}, "an apply runs what it applies, also where that was set back"
    for group in came_back.values():
        [found] = changed.environment.logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        assert found["retentionInDays"] == 400


def test_destroy_full_buckets_is_refused_before_anything_goes(changed: Deployment, careful: Terraform) -> None:
    """The case destroy-full-buckets: data that nobody said may go keeps everything as it is."""
    careful.apply()
    before, outputs = Inventory.take(), careful.output()

    with pytest.raises(TerraformError, match=r"nothing is destroyed, because there is data in s3://"):
        careful.destroy()

    assert Inventory.take() == before
    assert careful.output() == {}

    subprocess.run(
        ["terraform", f"-chdir={ROOT / 'infra'}", "apply", "-refresh-only", "-auto-approve", "-input=false"],
        env={**os.environ, **deployed_as(changed), "TF_VAR_force_destroy": "false"},
        check=True,
        capture_output=True,
    )
    assert careful.output() == outputs


def deployed_as(changed: Deployment) -> dict[str, str]:
    return {**changed.variables, **CHANGED}


def test_destroy_leaves_nothing(changed: Deployment) -> None:
    assert Inventory.take().beyond(changed.untouched)
    # What the last test forbade.
    changed.terraform.apply()

    changed.terraform.destroy()

    assert Inventory.take().beyond(changed.untouched) == {}
