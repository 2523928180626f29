# One step of the loop: topic, queue, dead-letter queue and function. What reaches the topic is handled, or it waits in the
# dead-letter queue for a person.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  full_name = "${var.name_prefix}-${replace(var.name, "_", "-")}"

  # Built from names, so that topic and queues are created with their policies: as resources of their own the policies
  # would have to wait for the queue, and the provider waits 25 seconds for each change of a queue.
  topic_arn = "arn:${local.partition}:sns:${var.region}:${local.account}:${local.full_name}"
  queue_arn = "arn:${local.partition}:sqs:${var.region}:${local.account}:${local.full_name}"
  dlq_arn   = "${local.queue_arn}-dlq"
  queue_url = "https://sqs.${var.region}.${data.aws_partition.current.dns_suffix}/${local.account}/${local.full_name}"

  publishers = {
    buckets = {
      arns = var.publishers.bucket_arns
      grant = {
        Principal = { Service = "s3.amazonaws.com" }
        Condition = {
          ArnEquals    = { "aws:SourceArn" = var.publishers.bucket_arns }
          StringEquals = { "aws:SourceAccount" = local.account }
        }
      }
    }
    # Without a condition, because EventBridge fills in none when it publishes to a topic (its guide: no Condition blocks
    # in topic policies). It reaches topics of its own account only this way; across accounts it needs a role.
    rules = {
      arns  = var.publishers.rule_arns
      grant = { Principal = { Service = "events.amazonaws.com" } }
    }
    # The role in the condition and not as the principal: SNS refuses a principal that does not exist yet.
    roles = {
      arns = var.publishers.role_arns
      grant = {
        Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
        Condition = { ArnEquals = { "aws:PrincipalArn" = var.publishers.role_arns } }
      }
    }
    # People: their own policies say which of them.
    account = {
      arns  = var.publishers.account ? [local.account] : []
      grant = { Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" } }
    }
  }

  topic_statements = [
    for name, publisher in local.publishers :
    merge({ Sid = title(name), Effect = "Allow", Action = "sns:Publish", Resource = local.topic_arn }, publisher.grant)
    if length(publisher.arns) > 0
  ]

  # SNS hands over to the queue, and to the dead-letter queue what it could not hand over.
  topic_sends = {
    Sid       = "Topic"
    Effect    = "Allow"
    Principal = { Service = "sns.amazonaws.com" }
    Action    = "sqs:SendMessage"
    # The ARN holds the account. AWS documents this condition for SNS to SQS, and aws:SourceAccount not.
    Condition = { ArnEquals = { "aws:SourceArn" = local.topic_arn } }
  }

  rules_send = {
    Sid       = "Rules"
    Effect    = "Allow"
    Principal = { Service = "events.amazonaws.com" }
    Action    = "sqs:SendMessage"
    Condition = { ArnEquals = { "aws:SourceArn" = var.publishers.rule_arns } }
  }

  tls_only = {
    Sid       = "TlsOnly"
    Effect    = "Deny"
    Principal = "*"
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }

  # AWS: at least six times the function's timeout, so that a batch that is retried while Lambda throttles stays hidden.
  visibility_timeout_seconds = 6 * var.function.timeout_seconds + var.batch_window_seconds

  consume_statements = [{
    Sid      = "Consume"
    Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"]
    Resource = [local.queue_arn]
    }, {
    # The function sends what it cannot handle itself, with the reason.
    Sid      = "DeadLetter"
    Action   = ["sqs:SendMessage"]
    Resource = [local.dlq_arn]
  }]

  consumer_environment = {
    QUEUE_URL         = local.queue_url
    DLQ_URL           = "${local.queue_url}-dlq"
    MAX_RECEIVE_COUNT = tostring(var.max_receive_count)
  }
}

resource "aws_sns_topic" "this" {
  name              = local.full_name
  kms_master_key_id = var.kms_key_arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      local.topic_statements,
      [merge(local.tls_only, { Action = "sns:Publish", Resource = local.topic_arn })],
    )
  })

  tags = var.tags
}

resource "aws_sqs_queue" "dlq" {
  name                      = "${local.full_name}-dlq"
  message_retention_seconds = 14 * 24 * 3600
  kms_master_key_id         = var.kms_key_arn
  redrive_allow_policy      = jsonencode({ redrivePermission = "byQueue", sourceQueueArns = [local.queue_arn] })

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [merge(local.topic_sends, { Resource = local.dlq_arn })],
      [for statement in [local.rules_send] : merge(statement, { Resource = local.dlq_arn }) if length(var.publishers.rule_arns) > 0],
      [merge(local.tls_only, { Action = "sqs:*", Resource = local.dlq_arn })],
    )
  })

  tags = var.tags
}

resource "aws_sqs_queue" "this" {
  name                       = local.full_name
  message_retention_seconds  = 4 * 24 * 3600
  visibility_timeout_seconds = local.visibility_timeout_seconds
  kms_master_key_id          = var.kms_key_arn
  redrive_policy             = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dlq.arn, maxReceiveCount = var.max_receive_count })

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      merge(local.topic_sends, { Resource = local.queue_arn }),
      merge(local.tls_only, { Action = "sqs:*", Resource = local.queue_arn }),
    ]
  })

  tags = var.tags
}

resource "aws_sns_topic_subscription" "this" {
  topic_arn            = aws_sns_topic.this.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.this.arn
  raw_message_delivery = true
  redrive_policy       = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dlq.arn })
}

module "function" {
  source = "../function"

  name                 = var.name
  name_prefix          = var.name_prefix
  description          = var.function.description
  package              = var.function.package
  package_bucket       = var.function.package_bucket
  runtime              = var.function.runtime
  architecture         = var.function.architecture
  layers               = var.function.layers
  environment          = merge(var.function.environment, local.consumer_environment)
  statements           = concat(local.consume_statements, var.function.statements)
  memory_mb            = var.function.memory_mb
  ephemeral_storage_mb = var.function.ephemeral_storage_mb
  timeout_seconds      = var.function.timeout_seconds
  vpc                  = var.function.vpc
  reserved_concurrency = var.function.reserved_concurrency
  kms_key_arn          = var.kms_key_arn
  log_retention_days   = var.log_retention_days

  permissions_boundary_arn = var.permissions_boundary_arn
  alarm_topic_arn          = var.alarm_topic_arn

  tags = var.tags
}

resource "aws_lambda_event_source_mapping" "this" {
  event_source_arn                   = aws_sqs_queue.this.arn
  function_name                      = module.function.alias.arn
  batch_size                         = var.batch_size
  maximum_batching_window_in_seconds = var.batch_window_seconds
  function_response_types            = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = var.maximum_concurrency
  }

  tags = var.tags

  depends_on = [var.consume_after]
}

module "alarms" {
  source = "../alarms"

  topic_arn = var.alarm_topic_arn
  alarms = {
    dlq = {
      name           = "${local.full_name}-dlq"
      runbook        = "dead-letters"
      text           = "Messages that ${local.full_name} could not handle wait for a person: `lakeloop dlq list` shows object and reason."
      namespace      = "AWS/SQS"
      metric         = "ApproximateNumberOfMessagesVisible"
      dimensions     = { QueueName = aws_sqs_queue.dlq.name }
      statistic      = "Maximum"
      period_seconds = 60
    }
    # The alarm above stays red while one letter waits. This one is green again in the next period without a new one, so that
    # each failure is told. What SQS itself moved, after thirty receives, is not in it.
    letter = {
      name        = "${local.full_name}-letter"
      runbook     = "dead-letters"
      text        = "One more message that ${local.full_name} could not handle: `lakeloop dlq list` shows object and reason."
      namespace   = var.name_prefix
      metric      = "DeadLetters"
      dimensions  = { service = var.name }
      tells_green = false
    }
    expiring = {
      name           = "${local.full_name}-expiring"
      runbook        = "letters-expire"
      text           = "A letter of ${local.full_name} is deleted for good in less than three days: `lakeloop dlq list`, then redrive or purge."
      namespace      = "AWS/SQS"
      metric         = "ApproximateAgeOfOldestMessage"
      dimensions     = { QueueName = aws_sqs_queue.dlq.name }
      statistic      = "Maximum"
      period_seconds = 3600
      threshold      = aws_sqs_queue.dlq.message_retention_seconds - 3 * 24 * 3600
    }
    # By the function's own count, because SQS leaves out messages that were received three times. Those come at least every
    # quarter of an hour, so that half an hour without one is well.
    age = {
      name           = "${local.full_name}-age"
      runbook        = "message-age"
      text           = "A message of ${local.full_name} has waited for over an hour: what it needs is away. `lakeloop logs ${var.name}` shows the reason."
      namespace      = var.name_prefix
      metric         = "OldestMessageAge"
      dimensions     = { service = var.name }
      statistic      = "Maximum"
      period_seconds = 900
      periods        = 2
      red_periods    = 1
      threshold      = 3600
    }
    untaken = {
      name       = "${local.full_name}-untaken"
      runbook    = "message-age"
      text       = "The queue of ${local.full_name} has not been emptied for over an hour: the function is not invoked or does not keep up. `lakeloop status` shows the queue."
      namespace  = "AWS/SQS"
      metric     = "ApproximateAgeOfOldestMessage"
      dimensions = { QueueName = aws_sqs_queue.this.name }
      statistic  = "Maximum"
      threshold  = 3600
    }
  }

  tags = var.tags
}

moved {
  from = aws_cloudwatch_metric_alarm.dlq
  to   = module.alarms.aws_cloudwatch_metric_alarm.this["dlq"]
}

moved {
  from = aws_cloudwatch_metric_alarm.age
  to   = module.alarms.aws_cloudwatch_metric_alarm.this["age"]
}
