# The state bucket keeps states safe, each role of a workflow can be taken on by one subject alone, and API Gateway has a role.

mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:123456789012:key/mock" }
  }

  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::mock" }
  }

  mock_resource "aws_iam_openid_connect_provider" {
    defaults = { arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
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

run "a_second_region" {
  command = plan

  variables {
    region       = "eu-west-1"
    account_wide = false
  }

  assert {
    condition     = output.state_bucket == null && length(output.github_role_arns) == 0
    error_message = "The account has one bucket for states and one set of roles, whatever its regions."
  }
}

run "without_github" {
  command = plan
  module { source = "./modules/account" }

  variables {
    project = "lakeloop"
  }

  assert {
    condition     = output.state_bucket == "lakeloop-terraform-123456789012" && length(output.github_role_arns) == 0
    error_message = "The bucket alone, unless workflows are wanted."
  }

  assert {
    condition     = aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled"
    error_message = "A state that was written over can be had back."
  }
}

run "with_github" {
  command = plan
  module { source = "./modules/account" }

  variables {
    project             = "lakeloop"
    github_repository   = "example/lakeloop"
    github_environments = { prod = { policy_arns = ["arn:aws:iam::123456789012:policy/deploy-lakeloop"] } }
  }

  assert {
    condition = { for role, made in aws_iam_role.github : role => jsondecode(made.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] } == {
      plan        = "repo:example/lakeloop:pull_request"
      deploy-prod = "repo:example/lakeloop:environment:prod"
    }
    error_message = "A role is for one subject, to the letter."
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.state["plan"].policy).Statement : statement.Resource if statement.Sid == "WriteStates"] == [["arn:aws:s3:::mock/*.tflock"]]
    error_message = "A plan writes locks and no state."
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.state["deploy-prod"].policy).Statement : statement.Resource if statement.Sid == "WriteStates"] == [["arn:aws:s3:::mock/prod/*"]]
    error_message = "A deployment writes the state of its environment."
  }
}

run "a_repository_and_a_region_that_are_none" {
  command = plan

  variables {
    github_repository = "lakeloop"
    region            = "Europe"
  }

  expect_failures = [var.github_repository, var.region]
}
