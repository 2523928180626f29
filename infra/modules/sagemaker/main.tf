# What SageMaker jobs and endpoints run as, and the image they run.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_sagemaker_prebuilt_ecr_image" "xgboost" {
  repository_name = "sagemaker-xgboost"
  image_tag       = var.xgboost_version
  region          = var.region
}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  registry  = split(".", data.aws_sagemaker_prebuilt_ecr_image.xgboost.registry_path)[0]

  statements = [
    {
      Sid      = "ReadLake"
      Action   = ["s3:GetObject"]
      Resource = ["${var.lake_bucket_arn}/*"]
    },
    {
      Sid      = "ReadInputsWriteModelsAndScores"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = [for folder in ["evaluations", "manifests", "training"] : "${var.artifacts_bucket_arn}/${folder}/*"]
    },
    {
      Sid      = "ListBuckets"
      Action   = ["s3:ListBucket"]
      Resource = [var.lake_bucket_arn, var.artifacts_bucket_arn]
    },
    {
      Sid      = "UseKey"
      Action   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"] # Encrypt for the output under a named key.
      Resource = [var.kms_key_arn]
    },
    {
      # Jobs of a whole account share a group, endpoints have one each.
      Sid    = "WriteLogs"
      Action = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = [
        for group in ["TrainingJobs", "TransformJobs", "Endpoints/${var.name_prefix}-"] :
        "arn:${local.partition}:logs:${var.region}:${local.account}:log-group:/aws/sagemaker/${group}*"
      ]
    },
    {
      # This call and the next know no resources to restrict them to.
      Sid      = "RegistryLogin"
      Action   = ["ecr:GetAuthorizationToken"]
      Resource = ["*"]
    },
    {
      Sid       = "PutMetrics"
      Action    = ["cloudwatch:PutMetricData"]
      Resource  = ["*"]
      Condition = { StringEquals = { "cloudwatch:namespace" = [for kind in ["TrainingJobs", "TransformJobs", "Endpoints"] : "/aws/sagemaker/${kind}"] } }
    },
    {
      # Of an update that is rolled back by alarms, SageMaker looks at them as this role; a contract may name any.
      Sid      = "SeeAlarms"
      Action   = ["cloudwatch:DescribeAlarms"]
      Resource = ["*"]
    },
    {
      Sid      = "PullImage"
      Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Resource = ["arn:${local.partition}:ecr:${var.region}:${local.registry}:repository/sagemaker-xgboost"]
    },
  ]
}

# SageMaker would make it at the first line, without retention or key, and leave it behind.
resource "aws_cloudwatch_log_group" "endpoint" {
  for_each = var.endpoint_names

  name              = "/aws/sagemaker/Endpoints/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn

  tags = var.tags
}

resource "aws_iam_role" "execution" {
  name        = "${var.name_prefix}-sagemaker"
  description = "What training jobs and endpoints of ${var.name_prefix} may do"

  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "sagemaker.amazonaws.com" }
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
        ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:sagemaker:${var.region}:${local.account}:*" }
      }
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy" "execution" {
  name = "calls"
  role = aws_iam_role.execution.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for statement in local.statements : merge({ Effect = "Allow" }, statement)]
  })
}
