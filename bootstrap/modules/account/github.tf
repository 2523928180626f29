# Roles that workflows take on without a stored secret: one that plans pull requests and writes locks only, and one for each
# environment that deploys it, which GitHub lets run only where the environment's rules are kept.

locals {
  issuer = "token.actions.githubusercontent.com"

  # Each role, and the one subject that may take it on: exact, so that no fork and no other branch or environment does.
  github_roles = var.github_repository == null ? {} : merge(
    { plan = { subject = "repo:${var.github_repository}:pull_request", policy_arns = ["arn:${local.partition}:iam::aws:policy/ReadOnlyAccess"] } },
    { for name, environment in var.github_environments : "deploy-${name}" => {
      subject     = "repo:${var.github_repository}:environment:${name}"
      policy_arns = environment.policy_arns
    } },
  )

  attached = merge([for role, given in local.github_roles : { for arn in given.policy_arns : "${role} ${arn}" => { role = role, arn = arn } }]...)

  # What a plan writes: the lock beside the state it reads. What a deployment writes: its own environment's state too.
  state_objects = { for role in keys(local.github_roles) : role => role == "plan" ? "*.tflock" : "${trimprefix(role, "deploy-")}/*" }
}

resource "aws_iam_openid_connect_provider" "github" {
  count = var.github_repository == null ? 0 : 1

  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "github" {
  for_each = local.github_roles

  name                 = "${var.project}-github-${each.key}"
  description          = "Taken on by workflows of ${var.github_repository}: ${each.value.subject}"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.github[0].arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringEquals = { "${local.issuer}:aud" = "sts.amazonaws.com", "${local.issuer}:sub" = each.value.subject } }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "github" {
  for_each = local.attached

  role       = aws_iam_role.github[each.value.role].name
  policy_arn = each.value.arn
}

resource "aws_iam_role_policy" "state" {
  for_each = local.github_roles

  name = "state"
  role = aws_iam_role.github[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ReadStates"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:ListBucket"]
        Resource = [aws_s3_bucket.state.arn, "${aws_s3_bucket.state.arn}/*"]
      },
      {
        Sid      = "WriteStates"
        Effect   = "Allow"
        Action   = ["s3:DeleteObject", "s3:PutObject"]
        Resource = ["${aws_s3_bucket.state.arn}/${local.state_objects[each.key]}"]
      },
      {
        Sid      = "UseTheirKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = [aws_kms_key.state.arn]
      },
    ]
  })
}
