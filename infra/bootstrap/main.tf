# What an account needs once per region, before its first environment, and what no environment may take away with it:
#
#   terraform -chdir=infra/bootstrap init
#   terraform -chdir=infra/bootstrap apply -var region=us-east-1
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
