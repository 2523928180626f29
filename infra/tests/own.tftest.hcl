# What a company brings: its landing bucket, key, network and domain name.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  environment                  = "test"
  packages_directory           = "./tests/fixtures/packages"
  contracts_directory          = "../datasets"
  compiled_contracts_directory = "../build/contracts"
  lakefs_endpoint              = "https://lakefs.internal"
  lakefs_credentials           = { access_key_id = "id", secret_access_key = "secret" }
}

# The case bucket-notifications-of-others.
run "bucket_notifications_of_others" {
  command = plan

  module { source = "./modules/lakeloop" }

  variables {
    landing_bucket = { name = "uploads-of-the-company", kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/theirs" }
  }

  override_data {
    target = data.aws_s3_bucket.landing
    values = { bucket = "uploads-of-the-company" }
  }

  assert {
    condition     = length(aws_s3_bucket_notification.landing) == 0 && keys(module.storage.names) == ["artifacts", "captures", "lake"]
    error_message = "Nothing of a bucket that is somebody else's is managed, least of all its notifications."
  }

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.landed[0].event_pattern) == {
      source      = ["aws.s3"]
      detail-type = ["Object Created"]
      detail      = { bucket = { name = ["uploads-of-the-company"] }, object = { key = [{ prefix = "incoming/" }] } }
    }
    error_message = "EventBridge tells of its files, and of those at incoming/ alone."
  }

  assert {
    condition = alltrue([
      aws_cloudwatch_event_target.landed[0].arn == module.event_chain["transform_data"].topic_arn,
      length(aws_cloudwatch_event_target.landed[0].dead_letter_config) == 1,
      length(local.chains.transform_data.publishers.bucket_arns) == 0,
      one(local.chains.transform_data.publishers.rule_arns) == "arn:aws:events:us-east-1:123456789012:rule/lakeloop-test-landed",
      contains(local.rules, "landed"),
    ])
    error_message = "The rule wakes transform_data, and the bucket itself may not."
  }

  assert {
    condition     = output.landing_bucket == "uploads-of-the-company" && local.environments.transform_data.LANDING_BUCKET == "uploads-of-the-company"
    error_message = "People and functions are told of that bucket."
  }

  # A destroy leaves it, so what it holds is no reason to refuse one.
  assert {
    condition     = jsondecode(local.environments.guard_data.GUARDED_BUCKETS) == ["lakeloop-test-artifacts-123456789012", "lakeloop-test-captures-123456789012", "lakeloop-test-lake-123456789012"]
    error_message = "Only buckets that a destroy would take are guarded."
  }

  assert {
    condition     = contains(flatten([for statement in local.statements.transform_data : statement.Resource if contains(statement.Action, "kms:Decrypt")]), "arn:aws:kms:us-east-1:123456789012:key/theirs")
    error_message = "Files are read with the bucket's key."
  }

  assert {
    condition     = contains(flatten([for statement in local.statements.join_feedback : statement.Resource if contains(statement.Action, "kms:GenerateDataKey")]), "arn:aws:kms:us-east-1:123456789012:key/theirs")
    error_message = "Rows of predictions and labels are dropped there with it."
  }
}

run "a_key_of_ones_own" {
  command = plan

  module { source = "./modules/lakeloop" }

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/ours"
  }

  assert {
    condition     = output.kms_key_arn == "arn:aws:kms:us-east-1:123456789012:key/ours"
    error_message = "The key that is named encrypts everything."
  }
}

run "no_key_is_made_beside_it" {
  command = plan

  module { source = "./modules/encryption" }

  variables {
    name_prefix = "lakeloop-test"
    region      = "us-east-1"
    key_arn     = "arn:aws:kms:us-east-1:123456789012:key/ours"
  }

  assert {
    condition     = length(aws_kms_key.this) == 0 && length(aws_kms_alias.this) == 0
    error_message = "A key that is brought is nobody's to delete."
  }
}

run "an_alias_is_no_key" {
  command = plan

  module { source = "./modules/lakeloop" }

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:123456789012:alias/ours"
    vpc         = { subnet_ids = [], security_group_ids = [] }
    api_domain  = { name = "https://predictions.example.com", certificate_arn = "certificate" }
  }

  expect_failures = [var.kms_key_arn, var.vpc, var.api_domain]
}

run "a_private_server" {
  command = plan

  module { source = "./modules/lakeloop" }

  variables {
    vpc = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-1"] }
  }

  assert {
    condition = [for name, function in local.deployed : name if function.vpc != null] == [
      "advance_splits",
      "bootstrap_lake",
      "compact",
      "evaluate_model",
      "monitor",
      "reconcile",
      "reconcile_landing",
      "remake_features",
      "replay_landing",
      "start_tuning",
      "transform_data",
    ]
    error_message = "Those that reach lakeFS run in the VPC, and no other."
  }

  # PassRole is no call, and what KMS does for S3 and Secrets Manager goes their way.
  assert {
    condition = length(setsubtract(
      flatten([for function in local.deployed : [for statement in function.statements : [for action in statement.Action : split(":", action)[0]]] if function.vpc != null]),
      ["iam", "kms", "s3", "sagemaker", "secretsmanager", "sns", "sqs"],
    )) == 0
    error_message = "They call no service to which the network module has no way without a NAT gateway."
  }
}

run "a_function_in_a_vpc" {
  command = plan

  module { source = "./modules/function" }

  variables {
    environment    = {}
    name           = "start_tuning"
    name_prefix    = "lakeloop-test"
    description    = "Starts tuning"
    package        = "./tests/fixtures/packages/functions/start_tuning.zip"
    package_bucket = "packages"
    runtime        = "python3.13"
    architecture   = "arm64"
    kms_key_arn    = "arn:aws:kms:us-east-1:123456789012:key/1"
    vpc            = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-1"] }
  }

  assert {
    condition     = one(aws_lambda_function.this.vpc_config).subnet_ids == toset(["subnet-1", "subnet-2"])
    error_message = "It runs in the subnets."
  }

  assert {
    condition     = contains(flatten([for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Action]), "ec2:CreateNetworkInterface")
    error_message = "Its role may make the interface."
  }
}

run "a_domain_name" {
  command = plan

  module { source = "./modules/lakeloop" }

  variables {
    api_domain = { name = "predictions.example.com", certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/1" }
  }

  assert {
    condition     = output.api_url == "https://predictions.example.com" && output.api_domain_target != null
    error_message = "The API answers at the name, and says what the name is to point at."
  }
}
