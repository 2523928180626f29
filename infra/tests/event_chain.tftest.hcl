# The step of the loop: nothing is lost, nothing is open, and a step that would lose or open something is refused.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name        = "start_tuning"
  name_prefix = "lakeloop-test"
  region      = "us-east-1"
  kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/mock"
  publishers  = { role_arns = ["arn:aws:iam::123456789012:role/lakeloop-test-transform-data"] }
  function = {
    description          = "Starts tuning"
    package              = "./tests/fixtures/packages/functions/start_tuning.zip"
    package_bucket       = "lakeloop-test-artifacts"
    runtime              = "python3.13"
    architecture         = "arm64"
    layers               = []
    environment          = { NAME_PREFIX = "lakeloop-test" }
    timeout_seconds      = 60
    memory_mb            = 512
    ephemeral_storage_mb = 512
    reserved_concurrency = 2
    statements           = []
  }
}

run "names" {
  command = plan
  module { source = "./modules/event_chain" }

  assert {
    condition     = aws_sns_topic.this.name == "lakeloop-test-start-tuning" && aws_sqs_queue.this.name == "lakeloop-test-start-tuning"
    error_message = "Topic and queue are called <prefix>-<step with hyphens>."
  }

  assert {
    condition     = aws_sqs_queue.dlq.name == "lakeloop-test-start-tuning-dlq"
    error_message = "The dead-letter queue is called <prefix>-<step>-dlq."
  }

  assert {
    condition     = output.function.name == "lakeloop-test-start-tuning"
    error_message = "The function is called as its queue."
  }
}

run "nothing_is_lost" {
  command = plan
  module { source = "./modules/event_chain" }

  variables {
    batch_size           = 100
    batch_window_seconds = 2
  }

  assert {
    condition     = aws_sqs_queue.this.visibility_timeout_seconds >= 6 * var.function.timeout_seconds + var.batch_window_seconds
    error_message = "A message must stay hidden for six function timeouts and the batch window."
  }

  assert {
    condition     = aws_sqs_queue.dlq.message_retention_seconds == 1209600 && aws_sqs_queue.this.message_retention_seconds < 1209600
    error_message = "The dead-letter queue keeps messages for 14 days, longer than the queue: their age counts on."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.this.redrive_policy).maxReceiveCount == 30
    error_message = "SQS gives up on a message after 30 deliveries, long after the function did."
  }

  assert {
    condition = jsondecode(aws_sqs_queue.dlq.redrive_allow_policy) == {
      redrivePermission = "byQueue"
      sourceQueueArns   = ["arn:aws:sqs:us-east-1:123456789012:lakeloop-test-start-tuning"]
    }
    error_message = "Only the step's own queue may fill its dead-letter queue."
  }

  assert {
    condition     = aws_sns_topic_subscription.this.raw_message_delivery && can(jsondecode(aws_sns_topic_subscription.this.redrive_policy).deadLetterTargetArn)
    error_message = "The queue gets the message as published, and what SNS cannot deliver goes to the dead-letter queue."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.this.function_response_types == toset(["ReportBatchItemFailures"])
    error_message = "One bad message must not make the others of its batch come again."
  }

  assert {
    condition     = endswith(aws_lambda_event_source_mapping.this.function_name, ":live")
    error_message = "The queue wakes what the alias names, so that it can be set back."
  }

  assert {
    condition     = aws_lambda_event_source_mapping.this.scaling_config[0].maximum_concurrency == 2
    error_message = "The queue may not take more of the function than was said."
  }
}

run "nothing_is_open" {
  command = plan
  module { source = "./modules/event_chain" }

  assert {
    condition = alltrue([
      for resource in [aws_sns_topic.this, aws_sqs_queue.this, aws_sqs_queue.dlq] : resource.kms_master_key_id == var.kms_key_arn
    ])
    error_message = "Topic and queues are encrypted with the given key."
  }

  assert {
    condition = alltrue([
      for policy in [aws_sns_topic.this.policy, aws_sqs_queue.this.policy, aws_sqs_queue.dlq.policy] : anytrue([
        for statement in jsondecode(policy).Statement :
        statement.Effect == "Deny" && statement.Principal == "*" && try(statement.Condition.Bool["aws:SecureTransport"], "") == "false"
      ])
    ])
    error_message = "Topic and queues refuse whoever comes without TLS."
  }

  assert {
    condition = [for statement in jsondecode(aws_sqs_queue.this.policy).Statement : statement.Condition if statement.Effect == "Allow"] == [{
      ArnEquals = { "aws:SourceArn" = "arn:aws:sns:us-east-1:123456789012:lakeloop-test-start-tuning" }
    }]
    error_message = "Only the step's own topic may send to the queue."
  }

  assert {
    condition = [for statement in jsondecode(aws_sns_topic.this.policy).Statement : statement.Condition if statement.Effect == "Allow"] == [{
      ArnEquals = { "aws:PrincipalArn" = ["arn:aws:iam::123456789012:role/lakeloop-test-transform-data"] }
    }]
    error_message = "Only the named role may publish."
  }
}

run "a_bucket_publishes" {
  command = plan
  module { source = "./modules/event_chain" }

  variables {
    publishers = { bucket_arns = ["arn:aws:s3:::lakeloop-test-landing"] }
  }

  assert {
    condition = [for statement in jsondecode(aws_sns_topic.this.policy).Statement : statement if statement.Effect == "Allow"] == [{
      Sid       = "Buckets"
      Effect    = "Allow"
      Action    = "sns:Publish"
      Principal = { Service = "s3.amazonaws.com" }
      Resource  = "arn:aws:sns:us-east-1:123456789012:lakeloop-test-start-tuning"
      Condition = {
        ArnEquals    = { "aws:SourceArn" = ["arn:aws:s3:::lakeloop-test-landing"] }
        StringEquals = { "aws:SourceAccount" = "123456789012" }
      }
    }]
    error_message = "S3 may publish for the named bucket of this account only."
  }
}

run "a_rule_publishes" {
  command = plan
  module { source = "./modules/event_chain" }

  variables {
    publishers = { rule_arns = ["arn:aws:events:us-east-1:123456789012:rule/lakeloop-test-tuning-state"] }
  }

  # EventBridge publishes to topics without condition keys: a condition here would lose every event.
  assert {
    condition     = [for statement in jsondecode(aws_sns_topic.this.policy).Statement : try(statement.Condition, null) if statement.Effect == "Allow"] == [null]
    error_message = "EventBridge may publish, without a condition it could not meet."
  }

  assert {
    condition = anytrue([
      for statement in jsondecode(aws_sqs_queue.dlq.policy).Statement :
      try(statement.Condition.ArnEquals["aws:SourceArn"], null) == ["arn:aws:events:us-east-1:123456789012:rule/lakeloop-test-tuning-state"]
    ])
    error_message = "The rule's undelivered events may go to the dead-letter queue."
  }
}

run "nobody_publishes" {
  command = plan
  module { source = "./modules/event_chain" }

  variables {
    publishers = {}
  }

  expect_failures = [var.publishers]
}

run "a_large_batch_without_a_window" {
  command = plan
  module { source = "./modules/event_chain" }

  variables {
    batch_size = 100
  }

  expect_failures = [var.batch_size]
}

run "giving_up_too_early" {
  command = plan
  module { source = "./modules/event_chain" }

  variables {
    max_receive_count = 5
  }

  expect_failures = [var.max_receive_count]
}

run "a_queue_cannot_cause_one_invocation_at_a_time" {
  command = plan
  module { source = "./modules/event_chain" }

  variables {
    maximum_concurrency = 1
  }

  expect_failures = [var.maximum_concurrency]
}

run "a_name_with_hyphens" {
  command = plan
  module { source = "./modules/event_chain" }

  variables {
    name = "start-tuning"
  }

  expect_failures = [var.name]
}
