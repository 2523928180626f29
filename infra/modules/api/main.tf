# The prediction API: POST /datasets/{dataset}/predictions with an API key. The gateway checks the request's shape; the
# function names the fields that are wrong.

data "aws_partition" "current" {}

locals {
  full_name = "${var.name_prefix}-api"
  stage     = "v1"

  request_schema = {
    "$schema"            = "http://json-schema.org/draft-04/schema#"
    title                = "PredictionRequest"
    type                 = "object"
    required             = ["features"]
    additionalProperties = false
    properties = {
      features     = { type = "object" }
      inference_id = {}
    }
  }

  # What the gateway answers by itself, in the shape of the function's errors.
  answers = {
    BAD_REQUEST_BODY = {
      status  = "400"
      error   = "invalid_request"
      message = "Send a JSON object with `features`, an object, and at most `inference_id`: $context.error.validationErrorString"
    }
    BAD_REQUEST_PARAMETERS       = { status = "400", error = "invalid_request", message = "$context.error.validationErrorString" }
    INVALID_API_KEY              = { status = "403", error = "forbidden", message = "Send a valid API key in the header x-api-key." }
    MISSING_AUTHENTICATION_TOKEN = { status = "404", error = "not_found", message = "There is only POST /datasets/{dataset}/predictions." }
    REQUEST_TOO_LARGE            = { status = "413", error = "invalid_request", message = "A request has at most 10 MB." }
    UNSUPPORTED_MEDIA_TYPE       = { status = "415", error = "invalid_request", message = "Send application/json." }
    THROTTLED                    = { status = "429", error = "throttled", message = "Too many requests at once: try again in a second." }
    QUOTA_EXCEEDED               = { status = "429", error = "quota_exceeded", message = "The API key's quota is used up." }
    INTEGRATION_FAILURE          = { status = "502", error = "unavailable", message = "The prediction function failed: try again." }
    INTEGRATION_TIMEOUT          = { status = "504", error = "unavailable", message = "The prediction function took too long: try again." }
  }
}

resource "aws_api_gateway_rest_api" "this" {
  name        = local.full_name
  description = "Predictions of ${var.name_prefix}"

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_resource" "datasets" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_rest_api.this.root_resource_id
  path_part   = "datasets"
}

resource "aws_api_gateway_resource" "dataset" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_resource.datasets.id
  path_part   = "{dataset}"
}

resource "aws_api_gateway_resource" "predictions" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_resource.dataset.id
  path_part   = "predictions"
}

resource "aws_api_gateway_model" "request" {
  rest_api_id  = aws_api_gateway_rest_api.this.id
  name         = local.request_schema.title
  content_type = "application/json"
  schema       = jsonencode(local.request_schema)
}

resource "aws_api_gateway_request_validator" "this" {
  rest_api_id                 = aws_api_gateway_rest_api.this.id
  name                        = "body-and-parameters"
  validate_request_body       = true
  validate_request_parameters = true
}

resource "aws_api_gateway_method" "predict" {
  rest_api_id          = aws_api_gateway_rest_api.this.id
  resource_id          = aws_api_gateway_resource.predictions.id
  http_method          = "POST"
  authorization        = "NONE"
  api_key_required     = true
  request_models       = { "application/json" = aws_api_gateway_model.request.name }
  request_parameters   = { "method.request.path.dataset" = true }
  request_validator_id = aws_api_gateway_request_validator.this.id
}

resource "aws_api_gateway_integration" "predict" {
  rest_api_id             = aws_api_gateway_rest_api.this.id
  resource_id             = aws_api_gateway_resource.predictions.id
  http_method             = aws_api_gateway_method.predict.http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = var.function_invoke_arn
}

resource "aws_lambda_permission" "predict" {
  statement_id  = "PredictionApi"
  function_name = var.function_name
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  source_arn = join("/", [
    aws_api_gateway_rest_api.this.execution_arn, local.stage, aws_api_gateway_method.predict.http_method, "datasets/*/predictions"
  ])
}

resource "aws_api_gateway_gateway_response" "this" {
  for_each = local.answers

  rest_api_id   = aws_api_gateway_rest_api.this.id
  response_type = each.key
  status_code   = each.value.status

  response_templates = {
    "application/json" = jsonencode({ error = each.value.error, message = each.value.message })
  }
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id

  # A deployment is a snapshot: a change of what it holds must make a new one. What AWS fills in does not count.
  triggers = {
    content = sha256(jsonencode([
      aws_api_gateway_resource.predictions.path,
      aws_api_gateway_model.request.schema,
      aws_api_gateway_method.predict.request_models,
      aws_api_gateway_method.predict.request_parameters,
      aws_api_gateway_method.predict.request_validator_id,
      aws_api_gateway_method.predict.api_key_required,
      aws_api_gateway_integration.predict.type,
      aws_api_gateway_integration.predict.uri,
      local.answers,
    ]))
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_api_gateway_gateway_response.this]
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/aws/apigateway/${local.full_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_api_gateway_stage" "this" {
  #checkov:skip=CKV_AWS_120:A prediction is made anew for each request
  #checkov:skip=CKV2_AWS_29:A key and its usage plan stand before every request; a firewall costs more than the rest of a small team's API
  #checkov:skip=CKV2_AWS_51:Callers are known by their API key
  rest_api_id          = aws_api_gateway_rest_api.this.id
  deployment_id        = aws_api_gateway_deployment.this.id
  stage_name           = local.stage
  xray_tracing_enabled = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      request_id  = "$context.requestId"
      time        = "$context.requestTime"
      api_key_id  = "$context.identity.apiKeyId"
      path        = "$context.path"
      status      = "$context.status"
      latency_ms  = "$context.responseLatency"
      function_ms = "$context.integration.latency"
      error       = "$context.error.responseType"
      trace_id    = "$context.xrayTraceId"
    })
  }

  depends_on = [aws_api_gateway_account.this]
}

resource "aws_api_gateway_method_settings" "all" {
  #checkov:skip=CKV_AWS_225:A prediction is made anew for each request
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = "*/*"

  settings {
    metrics_enabled        = true
    logging_level          = "ERROR"
    data_trace_enabled     = false
    throttling_rate_limit  = var.throttle.requests_per_second
    throttling_burst_limit = var.throttle.burst
  }
}

resource "aws_api_gateway_usage_plan" "this" {
  name        = local.full_name
  description = "What one API key of ${var.name_prefix} may ask for"

  api_stages {
    api_id = aws_api_gateway_rest_api.this.id
    stage  = aws_api_gateway_stage.this.stage_name
  }

  throttle_settings {
    rate_limit  = var.throttle.requests_per_second
    burst_limit = var.throttle.burst
  }
}

# Without a value: AWS makes one. The provider reads it back, so it stands in the state, marked as sensitive.
resource "aws_api_gateway_api_key" "this" {
  name        = local.full_name
  description = "Calls the predictions of ${var.name_prefix}"
}

resource "aws_api_gateway_usage_plan_key" "this" {
  usage_plan_id = aws_api_gateway_usage_plan.this.id
  key_id        = aws_api_gateway_api_key.this.id
  key_type      = "API_KEY"
}

# API Gateway writes logs as one role per account and region, whoever sets it. Version 5 of the provider leaves the setting
# behind on destroy, version 6 resets it.
resource "aws_iam_role" "logs" {
  count = var.manage_account ? 1 : 0

  name        = "${local.full_name}-logs"
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

resource "aws_iam_role_policy_attachment" "logs" {
  count = var.manage_account ? 1 : 0

  role       = aws_iam_role.logs[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

resource "aws_api_gateway_account" "this" {
  count = var.manage_account ? 1 : 0

  cloudwatch_role_arn = aws_iam_role.logs[0].arn

  depends_on = [aws_iam_role_policy_attachment.logs]
}

module "alarms" {
  source = "../alarms"

  topic_arn = var.alarm_topic_arn
  alarms = {
    server_errors = {
      name       = "${local.full_name}-server-errors"
      runbook    = "api-errors"
      text       = "More than one prediction request in a hundred ended in a server error: `lakeloop logs predict` shows why."
      namespace  = "AWS/ApiGateway"
      metric     = "5XXError"
      dimensions = { ApiName = aws_api_gateway_rest_api.this.name, Stage = aws_api_gateway_stage.this.stage_name }
      statistic  = "Average" # The share of requests.
      threshold  = 0.01
    }
  }
}

moved {
  from = aws_cloudwatch_metric_alarm.server_errors
  to   = module.alarms.aws_cloudwatch_metric_alarm.this["server_errors"]
}
