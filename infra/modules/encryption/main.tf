# One customer managed key for everything an environment stores or queues, and the services that may use it.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition

  use_key = ["kms:Decrypt", "kms:GenerateDataKey"]

  statements = [
    {
      Sid       = "AccountDecidesByIam"
      Effect    = "Allow"
      Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
      Action    = "kms:*"
      Resource  = "*"
    },
    {
      # S3 puts messages on encrypted topics, CloudWatch publishes alarms.
      Sid       = "ServicesOfThisAccount"
      Effect    = "Allow"
      Principal = { Service = ["s3.amazonaws.com", "cloudwatch.amazonaws.com"] }
      Action    = local.use_key
      Resource  = "*"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    },
    {
      # SNS fills in no source account for EventBridge, so it is bound to this account by the topic it publishes to.
      Sid       = "RulesToTopicsOfThisAccount"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = local.use_key
      Resource  = "*"
      Condition = {
        ArnLike = { "kms:EncryptionContext:aws:sns:topicArn" = "arn:${local.partition}:sns:${var.region}:${local.account}:*" }
      }
    },
    {
      # AWS promises no source account where SNS hands over to a queue; SQS names the queue, and its ARN the account.
      Sid       = "MessagesToQueuesOfThisAccount"
      Effect    = "Allow"
      Principal = { Service = ["events.amazonaws.com", "sns.amazonaws.com"] }
      Action    = local.use_key
      Resource  = "*"
      Condition = {
        ArnLike = { "kms:EncryptionContext:aws:sqs:arn" = "arn:${local.partition}:sqs:${var.region}:${local.account}:*" }
      }
    },
    {
      Sid       = "LogGroupsOfThisAccount"
      Effect    = "Allow"
      Principal = { Service = "logs.${var.region}.amazonaws.com" }
      Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
      Resource  = "*"
      Condition = {
        ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:${local.partition}:logs:${var.region}:${local.account}:log-group:*" }
      }
    },
    {
      # Where the lakeFS server is not ours: what it does with S3 needs the key, before the first repository is made.
      Sid       = "LakefsServer"
      Effect    = "Allow"
      Principal = { AWS = var.lakefs_role_arn }
      Action    = local.use_key
      Resource  = "*"
    },
  ]
}

resource "aws_kms_key" "this" {
  count = var.key_arn == null ? 1 : 0

  description             = "Data, messages, logs and secrets of ${var.name_prefix}"
  enable_key_rotation     = true
  deletion_window_in_days = var.deletion_window_days

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for statement in local.statements : statement if statement.Sid != "LakefsServer" || var.lakefs_role_arn != null]
  })

  tags = var.tags
}

resource "aws_kms_alias" "this" {
  count = var.key_arn == null ? 1 : 0

  name          = "alias/${var.name_prefix}"
  target_key_id = aws_kms_key.this[0].key_id
}
