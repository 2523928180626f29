# Buckets, key and secret: private, versioned, encrypted, and not lost by accident.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name_prefix = "lakeloop-test"
  region      = "us-east-1"
  kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/mock"
  buckets = {
    landing   = "lakeloop-test-landing-123456789012"
    lake      = "lakeloop-test-lake-123456789012"
    artifacts = "lakeloop-test-artifacts-123456789012"
    captures  = "lakeloop-test-captures-123456789012"
  }
  credentials         = { access_key_id = "id", secret_access_key = "secret" }
  credentials_version = 1
}

run "buckets" {
  command = plan
  module { source = "./modules/storage" }

  assert {
    condition = alltrue([for block in values(aws_s3_bucket_public_access_block.this) :
      block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets
    ])
    error_message = "No bucket is public in any way."
  }

  assert {
    condition = alltrue([for encryption in values(aws_s3_bucket_server_side_encryption_configuration.this) :
      one(encryption.rule).apply_server_side_encryption_by_default[0].kms_master_key_id == var.kms_key_arn
    ])
    error_message = "Every bucket is encrypted with the given key."
  }

  assert {
    condition     = alltrue([for versioning in values(aws_s3_bucket_versioning.this) : versioning.versioning_configuration[0].status == "Enabled"])
    error_message = "Every bucket keeps versions: an event names one."
  }

  assert {
    condition = alltrue([for lifecycle in values(aws_s3_bucket_lifecycle_configuration.this) :
      lifecycle.rule[0].abort_incomplete_multipart_upload[0].days_after_initiation == 7
    ])
    error_message = "Torn uploads go away."
  }

  assert {
    condition = alltrue(flatten([for lifecycle in values(aws_s3_bucket_lifecycle_configuration.this) : [
      for rule in lifecycle.rule : rule.noncurrent_version_expiration[0].noncurrent_days == 30 if length(rule.noncurrent_version_expiration) > 0
    ]]))
    error_message = "Replaced versions go away after the days that are asked for."
  }

  assert {
    condition = alltrue([for role in ["landing", "lake"] : anytrue([
      for rule in aws_s3_bucket_lifecycle_configuration.this[role].rule : rule.filter[0].prefix == "" if length(rule.noncurrent_version_expiration) > 0
    ])])
    error_message = "In landing and lake every replaced version goes away."
  }

  # A function that is set back to an older configuration reads the contracts of that configuration.
  assert {
    condition = alltrue([
      for rule in aws_s3_bucket_lifecycle_configuration.this["artifacts"].rule :
      rule.filter[0].prefix != "" && !startswith("contracts/", rule.filter[0].prefix) && !startswith(rule.filter[0].prefix, "contracts")
      if length(rule.noncurrent_version_expiration) > 0
    ])
    error_message = "No version of a contract or of their index ever goes away."
  }

  assert {
    condition     = [for role, lifecycle in aws_s3_bucket_lifecycle_configuration.this : role if contains(lifecycle.rule[*].id, "forget")] == ["captures"]
    error_message = "Captures go away after their days, and nothing else does."
  }

  assert {
    condition = [for role, lifecycle in aws_s3_bucket_lifecycle_configuration.this : [
      for rule in lifecycle.rule : [role, rule.filter[0].prefix] if rule.id == "forget-answers"
    ] if contains(lifecycle.rule[*].id, "forget-answers")] == [[["artifacts", "athena/"]]]
    error_message = "But what Athena answered, which can be asked again."
  }

  assert {
    condition = alltrue([for policy in values(aws_s3_bucket_policy.this) : anytrue([
      for statement in jsondecode(policy.policy).Statement :
      statement.Effect == "Deny" && statement.Action == "s3:*" && statement.Condition == { Bool = { "aws:SecureTransport" = "false" } }
    ])])
    error_message = "Every bucket refuses whoever comes without TLS."
  }

  assert {
    condition     = alltrue([for bucket in values(aws_s3_bucket.this) : !bucket.force_destroy])
    error_message = "Data is not deleted with its bucket unless that is asked for."
  }
}

run "a_bucket_is_missing" {
  command = plan
  module { source = "./modules/storage" }

  variables {
    buckets = { landing = "lakeloop-test-landing" }
  }

  expect_failures = [var.buckets]
}

run "a_bucket_name_that_s3_refuses" {
  command = plan
  module { source = "./modules/storage" }

  variables {
    buckets = { landing = "Landing", lake = "lake", artifacts = "artifacts", captures = "captures" }
  }

  expect_failures = [var.buckets]
}

run "captures_kept_for_no_day" {
  command = plan
  module { source = "./modules/storage" }

  variables {
    capture_retention_days = 0
  }

  expect_failures = [var.capture_retention_days]
}

run "noncurrent_days_of_none" {
  command = plan
  module { source = "./modules/storage" }

  variables {
    noncurrent_days = 0
  }

  expect_failures = [var.noncurrent_days]
}

run "key" {
  command = plan
  module { source = "./modules/encryption" }

  assert {
    condition     = aws_kms_key.this[0].enable_key_rotation && aws_kms_key.this[0].deletion_window_in_days == 30
    error_message = "The key rotates and can be brought back for 30 days."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_kms_key.this[0].policy).Statement : can(statement.Condition) if can(statement.Principal.Service)
    ])
    error_message = "No service may use the key for another account."
  }

  # SNS supports no source account in a key policy for EventBridge: such a condition would lose every event.
  assert {
    condition = alltrue([
      for statement in jsondecode(aws_kms_key.this[0].policy).Statement : !can(statement.Condition.StringEquals["aws:SourceAccount"])
      if try(statement.Principal.Service, "") == "events.amazonaws.com"
    ])
    error_message = "EventBridge is bound by what it encrypts, not by a source account."
  }
}

run "a_key_that_is_gone_at_once" {
  command = plan
  module { source = "./modules/encryption" }

  variables {
    deletion_window_days = 1
  }

  expect_failures = [var.deletion_window_days]
}

run "secret" {
  command = plan
  module { source = "./modules/lakefs" }

  assert {
    condition     = aws_secretsmanager_secret.this.kms_key_id == var.kms_key_arn && aws_secretsmanager_secret.this.recovery_window_in_days == 30
    error_message = "The secret is encrypted and can be brought back."
  }

  assert {
    condition     = aws_secretsmanager_secret_version.this.secret_string_wo == null && aws_secretsmanager_secret_version.this.secret_string == null
    error_message = "The key pair is not in the state."
  }
}

run "a_recovery_window_that_secrets_manager_refuses" {
  command = plan
  module { source = "./modules/lakefs" }

  variables {
    recovery_window_days = 3
  }

  expect_failures = [var.recovery_window_days]
}
