# Two roles: as which ECS starts the containers, and as which lakeFS itself calls AWS and signs addresses for others.

locals {
  # Of an image in a registry of an account; one of a public registry needs no rights.
  registry = try(regex("^(?P<account>[0-9]{12})\\.dkr\\.ecr\\.(?P<region>[a-z0-9-]+)\\.amazonaws\\.com(?:\\.cn)?/(?P<repository>[^:@]+)", var.image), null)

  pull = local.registry == null ? [] : [
    {
      # This call knows no resources.
      Sid      = "SignInToRegistry"
      Action   = ["ecr:GetAuthorizationToken"]
      Resource = ["*"]
    },
    {
      Sid      = "PullImage"
      Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Resource = ["arn:${local.partition}:ecr:${local.registry.region}:${local.registry.account}:repository/${local.registry.repository}"]
    },
  ]

  statements = {
    execution = concat(local.pull, [
      {
        Sid      = "WriteLogs"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${aws_cloudwatch_log_group.this.arn}:*"]
      },
      {
        Sid      = "ReadSecrets"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = [var.server_secret_arn, var.credentials_secret_arn]
      },
      {
        Sid      = "DecryptSecrets"
        Action   = ["kms:Decrypt"]
        Resource = [var.kms_key_arn]
      },
    ])

    # lakeFS deletes no objects.
    task = [
      {
        Sid      = "UseObjects"
        Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
        Resource = ["arn:${local.partition}:s3:::${var.lake_bucket}/*"]
      },
      {
        Sid      = "ListObjects"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
        Resource = ["arn:${local.partition}:s3:::${var.lake_bucket}"]
      },
      {
        Sid      = "UseKey"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = [var.kms_key_arn]
      },
    ]
  }
}

resource "aws_iam_role" "this" {
  for_each = local.statements

  name                 = "${local.name}-${each.key}"
  description          = each.key == "task" ? "What lakeFS may do in ${local.name}" : "What ECS may do to start ${local.name}"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy" "this" {
  for_each = local.statements

  name = "calls"
  role = aws_iam_role.this[each.key].id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for statement in each.value : merge({ Effect = "Allow" }, statement)]
  })
}
