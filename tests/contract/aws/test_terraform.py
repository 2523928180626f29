"""The real provider against the emulator: what it made looks unchanged, and nothing is left of it afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakeloop.local.layout import CloudPaths
from lakeloop.local.supervisor.environment import cloud_environment
from lakeloop.local.supervisor.parts import LakeKeys
from lakeloop.local.terraform.command import Terraform
from lakeloop.local.terraform.providers import find_provider
from tests.contract.aws.conftest import ROOT, Emulator

# One of each resource whose description ministack gets wrong by itself.
CONFIGURATION = """
variable "period" { default = 300 }

provider "aws" {
  default_tags { tags = { origin = "test" } }
}

resource "aws_s3_bucket" "this" {
  bucket        = "terraform-contract"
  force_destroy = true
}

resource "aws_s3_object" "in_parts" {
  bucket = aws_s3_bucket.this.id
  key    = "large.bin"
  source = "${path.module}/large.bin"
}

resource "aws_cloudwatch_metric_alarm" "this" {
  alarm_name          = "terraform-contract"
  alarm_description   = "more than < 1 & more"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = "a-queue" }
  statistic           = "Maximum"
  period              = var.period
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
}

resource "aws_api_gateway_rest_api" "this" { name = "terraform-contract" }

resource "aws_api_gateway_method" "this" {
  rest_api_id      = aws_api_gateway_rest_api.this.id
  resource_id      = aws_api_gateway_rest_api.this.root_resource_id
  http_method      = "GET"
  authorization    = "NONE"
  api_key_required = true
}

resource "aws_api_gateway_integration" "this" {
  rest_api_id             = aws_api_gateway_rest_api.this.id
  resource_id             = aws_api_gateway_method.this.resource_id
  http_method             = aws_api_gateway_method.this.http_method
  type                    = "HTTP_PROXY"
  integration_http_method = "POST"
  uri                     = "http://127.0.0.1:1/"
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  depends_on  = [aws_api_gateway_integration.this]
}

resource "aws_api_gateway_stage" "this" {
  rest_api_id   = aws_api_gateway_rest_api.this.id
  deployment_id = aws_api_gateway_deployment.this.id
  stage_name    = "v1"
}

resource "aws_api_gateway_api_key" "this" { name = "terraform-contract" }

resource "aws_api_gateway_usage_plan" "this" {
  name = "terraform-contract"
  api_stages {
    api_id = aws_api_gateway_rest_api.this.id
    stage  = aws_api_gateway_stage.this.stage_name
  }
  throttle_settings {
    burst_limit = 5
    rate_limit  = 5
  }
}

resource "aws_api_gateway_usage_plan_key" "this" {
  key_id        = aws_api_gateway_api_key.this.id
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.this.id
}

output "key" {
  value     = aws_api_gateway_api_key.this.value
  sensitive = true
}
"""


@pytest.fixture
def terraform(emulator: Emulator, tmp_path: Path) -> Iterator[Terraform]:
    folder = tmp_path / "infra"
    folder.mkdir()
    (folder / "main.tf").write_text(CONFIGURATION)
    # More than one part of the provider's uploader.
    (folder / "large.bin").write_bytes(b"0" * 6_000_000)
    paths = CloudPaths(ROOT, tmp_path / ".local")
    environment = cloud_environment(
        paths,
        aws_url=emulator.url,
        sagemaker_url="http://127.0.0.1:1",
        lakefs_url="http://127.0.0.1:1",
        lake_keys=LakeKeys("key", "secret"),
        provider=find_provider(paths, {"HOME": str(tmp_path)}),
    )
    made = Terraform(folder, environment)
    made.init()
    yield made
    made.destroy()


def test_apply_settles_in_one_go_sees_changes_and_leaves_nothing(emulator: Emulator, terraform: Terraform) -> None:
    terraform.apply()

    assert terraform.plan() is False
    assert len(terraform.output()["key"]) >= 20

    emulator.client("cloudwatch").put_metric_alarm(
        AlarmName="terraform-contract",
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
    )
    assert terraform.plan() is True

    terraform.apply()
    assert terraform.plan() is False

    terraform.destroy()
    assert (
        emulator.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "origin"}])[
            "ResourceTagMappingList"
        ]
        == []
    )
    assert emulator.client("cloudwatch").describe_alarms(AlarmNamePrefix="terraform-")["MetricAlarms"] == []
