# What an account needs once per region.

mock_provider "aws" {
  override_during = plan

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }
}

run "the_role_as_which_api_gateway_writes_logs" {
  command = plan

  variables {
    region                   = "eu-west-1"
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
  }

  assert {
    condition     = aws_iam_role.api_logs.name == "lakeloop-api-gateway-logs-eu-west-1" && output.api_logs_role_name == aws_iam_role.api_logs.name
    error_message = "Environments look for it by this name, one for each region: the role is the account's in all of them."
  }

  assert {
    condition     = aws_api_gateway_account.this.cloudwatch_role_arn == aws_iam_role.api_logs.arn && aws_iam_role.api_logs.permissions_boundary == "arn:aws:iam::123456789012:policy/boundary"
    error_message = "API Gateway is given the role, with the boundary that the account demands."
  }
}

run "a_region_that_is_none" {
  command = plan

  variables {
    region = "Europe"
  }

  expect_failures = [var.region]
}
