# What an account needs before its first environment, and what no environment may take away with it: docs/aws.md. Applied by a
# person, once in each region; in one of them with what is the whole account's, the bucket for Terraform's states and the roles
# that GitHub's workflows take on.
#
# API Gateway writes logs as one role per account and region, whoever sets it: it is destroyed after the last environment, or
# never. Where some other stack has set one, leave this out and give the environments its name: api_logs_role_name.

data "aws_partition" "current" {}

resource "aws_iam_role" "api_logs" {
  name        = "lakeloop-api-gateway-logs-${var.region}"
  description = "How API Gateway writes logs in this account and region"

  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "apigateway.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "api_logs" {
  role       = aws_iam_role.api_logs.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

resource "aws_api_gateway_account" "this" {
  cloudwatch_role_arn = aws_iam_role.api_logs.arn

  depends_on = [aws_iam_role_policy_attachment.api_logs]
}

module "account" {
  source = "./modules/account"
  count  = var.account_wide ? 1 : 0

  project                  = var.project
  github_repository        = var.github_repository
  github_environments      = var.github_environments
  permissions_boundary_arn = var.permissions_boundary_arn
}
