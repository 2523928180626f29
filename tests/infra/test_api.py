"""The prediction API in use: keys side by side, logs that are the environment's, and limits that are the function's."""

import json
import re

import pytest

from lakeloop.local.aws.patches.account_roles import API_LOGS_ROLE
from lakeloop.serving.request import LARGEST_BATCH, LARGEST_BODY
from tests.cases import OPS
from tests.data import ROOT
from tests.infra.planned import Resource, of_type, planned
from tests.infra.running import INFRA, Terraform

API = INFRA / "modules" / "api"


@pytest.fixture(scope="module")
def plan(terraform: Terraform) -> list[Resource]:
    """Everything, with the keys that the case api-key-rotation wants."""
    wanted = (OPS / "api-key-rotation" / "wanted.tfvars").read_text()
    name, _, keys = wanted.partition(" = ")
    return planned(terraform, "tests/demanding.tftest.hcl", **{name: keys.strip()})


def test_api_key_rotation_has_each_callers_key_on_a_plan_of_its_own(plan: list[Resource]) -> None:
    keys = {
        key.values["name"].rpartition("-")[2]: key.values["enabled"] for key in of_type(plan, "aws_api_gateway_api_key")
    }
    plans = {one.values["name"].rpartition("-")[2] for one in of_type(plan, "aws_api_gateway_usage_plan")}

    assert keys == {"web": True, "batch": False}
    assert plans == {"web", "batch"}
    assert len(of_type(plan, "aws_api_gateway_usage_plan_key")) == 2


def test_api_key_rotation_keeps_the_key_that_an_earlier_version_made() -> None:
    moves = (API / "moves.tf").read_text()

    for kind in ("api_key", "usage_plan", "usage_plan_key"):
        assert re.search(
            rf'from = aws_api_gateway_{kind}\.this\n  to   = aws_api_gateway_{kind}\.this\["default"\]', moves
        )


def test_gateway_execution_logs_have_the_environments_key_and_retention(plan: list[Resource]) -> None:
    wanted = (OPS / "gateway-execution-logs" / "wanted.tf").read_text()
    begins = wanted.partition('name              = "')[2].partition("$")[0]

    (group,) = (one for one in of_type(plan, "aws_cloudwatch_log_group") if one.values["name"].startswith(begins))

    assert group.values["name"].endswith("/v1")
    assert group.values["retention_in_days"] == 365
    assert group.values["kms_key_id"] == "arn:aws:kms:us-east-1:123456789012:key/mock"


def test_gateway_execution_logs_are_there_before_the_stage() -> None:
    stage = block("aws_api_gateway_stage")

    assert "depends_on = [aws_cloudwatch_log_group.execution]" in stage


def test_logging_role_of_the_account_is_no_environments(plan: list[Resource]) -> None:
    """What the case takes away with environment `a`, no environment has."""
    assert "manage_api_gateway_account" in (OPS / "logging-role-of-the-account" / "try.sh").read_text()

    assert of_type(plan, "aws_api_gateway_account") == []
    assert not [role for role in of_type(plan, "aws_iam_role") if "apigateway" in role.values["assume_role_policy"]]
    for left in ("aws_api_gateway_account.this", "aws_iam_role.logs", "aws_iam_role_policy_attachment.logs"):
        assert re.search(
            rf"from = {re.escape(left)}\n\n  lifecycle {{\n    destroy = false", (API / "moves.tf").read_text()
        )


def test_logging_role_of_the_account_is_made_once_by_the_bootstrap() -> None:
    """Under the one name by which environments and the local cloud look for it; test_environments.py plans it."""
    main = (ROOT / "bootstrap" / "main.tf").read_text()

    assert API_LOGS_ROLE == "lakeloop-api-gateway-logs-us-east-1"
    assert 'name        = "lakeloop-api-gateway-logs-${var.region}"' in main
    assert (
        'coalesce(var.api_logs_role_name, "lakeloop-api-gateway-logs-${local.region}")'
        in (INFRA / "modules" / "lakeloop" / "main.tf").read_text()
    )


@pytest.mark.parametrize("kind", ["REQUEST_TOO_LARGE", "INTEGRATION_FAILURE"])
def test_body_of_7_mb_is_answered_with_the_functions_own_limits(plan: list[Resource], kind: str) -> None:
    (answer,) = (
        one for one in of_type(plan, "aws_api_gateway_gateway_response") if one.values["response_type"] == kind
    )

    said = json.loads(answer.values["response_templates"]["application/json"])["message"]
    assert f"{LARGEST_BODY:,} bytes, a batch {LARGEST_BATCH:,}" in said


def test_function_at_its_concurrency_is_told_when_to_come_again(plan: list[Resource]) -> None:
    (answer,) = (
        one
        for one in of_type(plan, "aws_api_gateway_gateway_response")
        if one.values["response_type"] == "INTEGRATION_FAILURE"
    )

    assert answer.values["status_code"] == "503"
    assert answer.values["response_parameters"]["gatewayresponse.header.Retry-After"] == "'5'"


def test_the_trigger_of_a_deployment_is_all_that_a_deployment_holds() -> None:
    """A part of a method that is left out would change on the next deployment only, whenever that is."""
    triggers = block("aws_api_gateway_deployment").partition("triggers")[2]

    for kind in ("model.request", "method.this", "integration.this", "gateway_response.this"):
        assert f"        values(aws_api_gateway_{kind}),\n" in triggers
    assert "        aws_api_gateway_request_validator.this,\n" in triggers


def block(kind: str) -> str:
    """A resource of the module as it is written."""
    found = re.search(
        rf'^resource "{kind}" "this" {{\n(.*?)^}}', (API / "main.tf").read_text(), re.MULTILINE | re.DOTALL
    )
    assert found
    return found[1]
