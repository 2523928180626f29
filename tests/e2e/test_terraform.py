"""The life of the infrastructure: unchanged, changed, tampered with, destroyed. Last of the session, in this order."""

from dataclasses import replace

import boto3
import pytest

from lakeloop.local.terraform.command import Terraform
from tests.data import ROOT
from tests.e2e.conftest import Deployment
from tests.e2e.inventory import Inventory

CHANGED = {
    "TF_VAR_log_level": "DEBUG",
    "TF_VAR_log_retention_days": "400",
    "TF_VAR_api_throttle": '{"requests_per_second": 20, "burst": 40}',
    "TF_VAR_tags": '{"owner": "data-team"}',
}


@pytest.fixture(scope="module")
def changed(deployment: Deployment) -> Deployment:
    """The deployment with four arguments changed, applied."""
    terraform = Terraform(ROOT / "infra", {**deployment.variables, **CHANGED})
    terraform.apply()
    return replace(deployment, terraform=terraform)


def test_plan_after_apply_shows_no_changes(deployment: Deployment) -> None:
    assert not deployment.terraform.plan()


def test_changed_arguments_arrive_and_leave_nothing_to_change(changed: Deployment) -> None:
    function = boto3.client("lambda").get_function_configuration(
        FunctionName=changed.environment.outputs.functions["predict"].name
    )

    assert function["Environment"]["Variables"]["LOG_LEVEL"] == "DEBUG"
    assert boto3.client("lambda").list_tags(Resource=function["FunctionArn"])["Tags"] == {
        "owner": "data-team",
        "lakeloop:environment": changed.environment.outputs.name_prefix,
    }
    assert not changed.terraform.plan()


def test_a_resource_deleted_behind_its_back_is_seen(changed: Deployment) -> None:
    group = changed.environment.outputs.functions["predict"].log_group
    boto3.client("logs").delete_log_group(logGroupName=group)

    assert changed.terraform.plan()


def test_destroy_leaves_nothing(changed: Deployment) -> None:
    assert Inventory.take().beyond(changed.untouched)

    changed.terraform.destroy()

    assert Inventory.take().beyond(changed.untouched) == {}
