# A function does what its statements say and nothing else.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name           = "deploy_model"
  name_prefix    = "lakeloop-test"
  description    = "Deploys the best model"
  package        = "./tests/fixtures/packages/functions/deploy_model.zip"
  package_bucket = "lakeloop-test-artifacts"
  runtime        = "python3.13"
  architecture   = "arm64"
  environment    = { NAME_PREFIX = "lakeloop-test" }
  kms_key_arn    = "arn:aws:kms:us-east-1:123456789012:key/mock"
  statements = [{
    Sid       = "PassExecutionRole"
    Action    = ["iam:PassRole"]
    Resource  = ["arn:aws:iam::123456789012:role/lakeloop-test-sagemaker"]
    Condition = { StringEquals = { "iam:PassedToService" = "sagemaker.amazonaws.com" } }
  }]
}

run "role" {
  command = plan
  module { source = "./modules/function" }

  assert {
    condition     = alltrue([for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Effect == "Allow"])
    error_message = "Every statement is a grant."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement[3] == {
      Sid       = "PassExecutionRole"
      Effect    = "Allow"
      Action    = ["iam:PassRole"]
      Resource  = ["arn:aws:iam::123456789012:role/lakeloop-test-sagemaker"]
      Condition = { StringEquals = { "iam:PassedToService" = "sagemaker.amazonaws.com" } }
    }
    error_message = "A given statement keeps its condition."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Sid if contains(statement.Resource, "*")
    ] == ["Trace"]
    error_message = "Only tracing, which knows no resources, is granted on all of them."
  }
}

run "settings" {
  command = plan
  module { source = "./modules/function" }

  assert {
    condition     = aws_lambda_function.this.environment[0].variables == tomap({ NAME_PREFIX = "lakeloop-test", POWERTOOLS_SERVICE_NAME = "deploy_model" })
    error_message = "The function gets its environment and is told its name."
  }

  assert {
    condition     = aws_lambda_function.this.kms_key_arn == var.kms_key_arn && aws_cloudwatch_log_group.this.kms_key_id == var.kms_key_arn
    error_message = "Environment and logs are encrypted with the given key."
  }

  assert {
    condition     = aws_lambda_function.this.tracing_config[0].mode == "Active"
    error_message = "Every function traces."
  }

  assert {
    condition     = aws_lambda_function.this.logging_config[0].log_group == "/aws/lambda/lakeloop-test-deploy-model" && aws_cloudwatch_log_group.this.retention_in_days == 365
    error_message = "The function writes to the log group that has a retention."
  }

  assert {
    condition     = strcontains(aws_lambda_function.this.s3_key, substr(sha256(filebase64sha256(var.package)), 0, 16))
    error_message = "A changed package has another key, so that the function is updated."
  }
}

run "versions" {
  command = plan
  module { source = "./modules/function" }

  assert {
    condition     = aws_lambda_function.this.publish && aws_lambda_alias.live.function_version == aws_lambda_function.this.version
    error_message = "Each change is a version, and the alias is at the one that was applied."
  }

  assert {
    condition     = aws_lambda_alias.live.name == "live" && output.alias.arn == aws_lambda_alias.live.arn && output.alias.invoke_arn == aws_lambda_alias.live.invoke_arn
    error_message = "Whoever wakes the function is told its alias."
  }
}

run "a_wildcard_action" {
  command = plan
  module { source = "./modules/function" }

  variables {
    statements = [{ Sid = "Everything", Action = ["s3:*"], Resource = ["arn:aws:s3:::lakeloop-test-lake/*"] }]
  }

  expect_failures = [var.statements]
}

run "a_package_that_was_not_built" {
  command = plan
  module { source = "./modules/function" }

  variables {
    package = "./tests/fixtures/packages/functions/nowhere.zip"
  }

  expect_failures = [var.package]
}

run "no_concurrency_at_all" {
  command = plan
  module { source = "./modules/function" }

  variables {
    reserved_concurrency = 0
  }

  expect_failures = [var.reserved_concurrency]
}

run "more_time_than_lambda_gives" {
  command = plan
  module { source = "./modules/function" }

  variables {
    timeout_seconds = 901
  }

  expect_failures = [var.timeout_seconds]
}

run "too_little_memory" {
  command = plan
  module { source = "./modules/function" }

  variables {
    memory_mb            = 64
    ephemeral_storage_mb = 64
  }

  expect_failures = [var.memory_mb, var.ephemeral_storage_mb]
}

run "too_many_layers" {
  command = plan
  module { source = "./modules/function" }

  variables {
    layers = [for number in range(6) : "arn:aws:lambda:us-east-1:123456789012:layer:l${number}:1"]
  }

  expect_failures = [var.layers]
}
