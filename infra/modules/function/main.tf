# One Lambda function with a role of its own that may do what `statements` say and nothing else. What wakes it names the alias
# `live`: each change of code, layers or environment is a version of its own, and a bad one is gone back from without a build.

locals {
  package_hash = filebase64sha256(var.package)
  full_name    = "${var.name_prefix}-${replace(var.name, "_", "-")}"
  log_group    = "/aws/lambda/${local.full_name}"

  # What every function needs to run at all.
  own_statements = [
    {
      Sid      = "WriteOwnLogs"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = ["${aws_cloudwatch_log_group.this.arn}:*"]
    },
    {
      Sid      = "UseKey"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = [var.kms_key_arn]
    },
    {
      # X-Ray knows no resources to restrict these to.
      Sid      = "Trace"
      Action   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
      Resource = ["*"]
    },
  ]

  # Lambda makes the interfaces in the function's name, and they are not there yet to be named.
  vpc_statements = var.vpc == null ? [] : [{
    Sid = "JoinVpc"
    Action = [
      "ec2:AssignPrivateIpAddresses",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets",
      "ec2:UnassignPrivateIpAddresses",
    ]
    Resource = ["*"]
  }]

  alarms = {
    errors    = { metric = "Errors", runbook = "function-errors", text = "${local.full_name} failed: `lakeloop logs ${var.name}` shows why." }
    throttles = { metric = "Throttles", runbook = "function-throttles", text = "${local.full_name} was refused invocations: its reserved concurrency or the account's is too small." }
  }

  given_statements = [for statement in var.statements : { for key, value in statement : key => value if value != null }]
}

resource "aws_cloudwatch_log_group" "this" {
  name              = local.log_group
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn

  tags = var.tags
}

resource "aws_iam_role" "this" {
  name        = local.full_name
  description = "What the function ${local.full_name} may do"

  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy" "this" {
  name = "calls"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for statement in concat(local.own_statements, local.vpc_statements, local.given_statements) : merge({ Effect = "Allow" }, statement)]
  })
}

resource "aws_s3_object" "package" {
  bucket      = var.package_bucket
  key         = "functions/${var.name}-${substr(sha256(local.package_hash), 0, 16)}.zip"
  source      = var.package
  source_hash = local.package_hash
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_116:Messages that cannot be handled wait in the queue's dead-letter queue; the other functions are called synchronously and the caller sees the error
  #checkov:skip=CKV_AWS_117:Only those that reach a server with a private address run in a VPC, where one is named
  #checkov:skip=CKV_AWS_272:Packages come from a bucket only the deployer may write, under a key that holds their hash
  function_name = local.full_name
  description   = var.description
  role          = aws_iam_role.this.arn

  s3_bucket        = aws_s3_object.package.bucket
  s3_key           = aws_s3_object.package.key
  source_code_hash = local.package_hash
  handler          = "handler.handler"
  runtime          = var.runtime
  architectures    = [var.architecture]
  layers           = var.layers
  publish          = true

  memory_size                    = var.memory_mb
  timeout                        = var.timeout_seconds
  reserved_concurrent_executions = var.reserved_concurrency
  kms_key_arn                    = var.kms_key_arn

  ephemeral_storage {
    size = var.ephemeral_storage_mb
  }

  environment {
    variables = merge(var.environment, { POWERTOOLS_SERVICE_NAME = var.name })
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.this.name
  }

  dynamic "vpc_config" {
    for_each = var.vpc[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  tracing_config {
    mode = "Active"
  }

  tags = var.tags

  # A function that starts before its policy is attached fails its first calls.
  depends_on = [aws_iam_role_policy.this]
}

# Who goes back says why in the description, so that the plan that moves the alias forward again shows it.
resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "What was applied last"
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version
}

module "alarms" {
  source = "../alarms"

  topic_arn = var.alarm_topic_arn
  alarms = { for name, alarm in local.alarms : name => {
    name       = "${local.full_name}-${name}"
    text       = alarm.text
    runbook    = alarm.runbook
    namespace  = "AWS/Lambda"
    metric     = alarm.metric
    dimensions = { FunctionName = aws_lambda_function.this.function_name }
  } }

  tags = var.tags
}

moved {
  from = aws_cloudwatch_metric_alarm.this
  to   = module.alarms.aws_cloudwatch_metric_alarm.this
}
