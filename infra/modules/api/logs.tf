# What is written of requests: never a body, and no query string, in which values of public datasets stand.

locals {
  access_log = jsonencode({
    request_id  = "$context.requestId"
    time        = "$context.requestTime"
    api_key_id  = "$context.identity.apiKeyId"
    method      = "$context.httpMethod"
    path        = "$context.path"
    status      = "$context.status"
    latency_ms  = "$context.responseLatency"
    function_ms = "$context.integration.latency"
    error       = "$context.error.responseType"
    trace_id    = "$context.xrayTraceId"
  })
}

# API Gateway writes logs as one role per account and region, which bootstrap/ makes: an environment that made it
# would silence the others when it is destroyed.
data "aws_iam_roles" "logs" {
  name_regex = "^${var.logs_role_name}$"
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/aws/apigateway/${local.full_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn

  tags = var.tags
}

resource "aws_cloudwatch_log_group" "execution" {
  name              = "API-Gateway-Execution-Logs_${aws_api_gateway_rest_api.this.id}/${local.stage}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn

  tags = var.tags
}
