# The prediction API: one row or several per POST with an API key, labels that come for them, its description, and rows in
# addresses where all of a dataset may stand there. The gateway checks the request's shape; the function names the fields that are wrong.

locals {
  full_name = "${var.name_prefix}-api"
  stage     = "v1"

  # What each method is on, whether it wants a key, and what its body looks like. `query` is there where some dataset is
  # public: it asks for no key, since browsers send none.
  methods = merge(
    {
      predict       = { on = "predictions", verb = "POST", key = true, model = "PredictionRequest" }
      predict_batch = { on = "batch", verb = "POST", key = true, model = "BatchRequest" }
      feedback      = { on = "feedback", verb = "POST", key = true, model = "FeedbackRequest" }
      describe      = { on = "openapi", verb = "GET", key = true, model = null }
    },
    var.public ? { query = { on = "predictions", verb = "GET", key = false, model = null } } : {},
    # What a browser asks before it sends a page's request.
    length(var.cors_origins) == 0 ? {} : {
      for name in keys(local.resources) : "preflight_${name}" => { on = name, verb = "OPTIONS", key = false, model = null }
    },
  )

  resources = {
    predictions = aws_api_gateway_resource.predictions
    batch       = aws_api_gateway_resource.batch
    feedback    = aws_api_gateway_resource.feedback
    openapi     = aws_api_gateway_resource.openapi
  }
  paths = {
    predictions = "datasets/*/predictions"
    batch       = "datasets/*/predictions/batch"
    feedback    = "datasets/*/feedback"
    openapi     = "openapi.json"
  }

  # Preflights are all predict's: they have nothing to do with what is on the path.
  answered_by = { for name, method in local.methods : name => var.functions[name == "feedback" ? "record_feedback" : "predict"] }

  # The shape only, so that the function can name every wrong field.
  request_schemas = {
    PredictionRequest = {
      required   = ["features"]
      properties = { features = { type = "object" }, inference_id = {} }
    }
    FeedbackRequest = {
      properties = { inference_id = {}, label = {}, event_time = {}, label_source = {}, labels = { type = "array" } }
    }
    BatchRequest = {
      required   = ["rows"]
      properties = { rows = { type = "array" } }
    }
  }
}

resource "aws_api_gateway_rest_api" "this" {
  name        = local.full_name
  description = "Predictions of ${var.name_prefix}"

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  tags = var.tags

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

# A path of its own and not `predictions:batch`: API Gateway takes a colon, tools around it refuse it or send it as %3A.
resource "aws_api_gateway_resource" "batch" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_resource.predictions.id
  path_part   = "batch"
}

resource "aws_api_gateway_resource" "feedback" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_resource.dataset.id
  path_part   = "feedback"
}

resource "aws_api_gateway_resource" "openapi" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_rest_api.this.root_resource_id
  path_part   = "openapi.json"
}

resource "aws_api_gateway_model" "request" {
  for_each = local.request_schemas

  rest_api_id  = aws_api_gateway_rest_api.this.id
  name         = each.key
  content_type = "application/json"

  schema = jsonencode(merge(each.value, {
    "$schema"            = "http://json-schema.org/draft-04/schema#"
    title                = each.key
    type                 = "object"
    additionalProperties = false
  }))
}

resource "aws_api_gateway_request_validator" "this" {
  rest_api_id                 = aws_api_gateway_rest_api.this.id
  name                        = "body-and-parameters"
  validate_request_body       = true
  validate_request_parameters = true
}

resource "aws_api_gateway_method" "this" {
  for_each = local.methods

  rest_api_id          = aws_api_gateway_rest_api.this.id
  resource_id          = local.resources[each.value.on].id
  http_method          = each.value.verb
  authorization        = "NONE"
  api_key_required     = each.value.key
  request_models       = each.value.model == null ? {} : { "application/json" = aws_api_gateway_model.request[each.value.model].name }
  request_parameters   = each.value.on == "openapi" ? {} : { "method.request.path.dataset" = true }
  request_validator_id = aws_api_gateway_request_validator.this.id
}

resource "aws_api_gateway_integration" "this" {
  for_each = local.methods

  rest_api_id             = aws_api_gateway_rest_api.this.id
  resource_id             = local.resources[each.value.on].id
  http_method             = aws_api_gateway_method.this[each.key].http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = local.answered_by[each.key].alias.invoke_arn
}

resource "aws_lambda_permission" "this" {
  for_each = local.methods

  statement_id  = "PredictionApi-${aws_api_gateway_rest_api.this.id}-${each.key}"
  function_name = local.answered_by[each.key].name
  qualifier     = local.answered_by[each.key].alias.name
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  source_arn    = join("/", [aws_api_gateway_rest_api.this.execution_arn, local.stage, each.value.verb, local.paths[each.value.on]])

  # What is deployed may be invoked until another deployment is, so an API that is made anew names its statements anew.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id

  # A deployment is a snapshot: a change of anything that it holds must make a new one. What is empty is left out, because
  # AWS answers nothing, "" or {} for it.
  triggers = {
    content = sha256(jsonencode([
      for part in flatten([
        values(local.resources),
        values(aws_api_gateway_model.request),
        aws_api_gateway_request_validator.this,
        values(aws_api_gateway_method.this),
        values(aws_api_gateway_integration.this),
        values(aws_api_gateway_gateway_response.this),
      ]) : { for name, value in part : name => value if !contains(["null", "\"\"", "{}", "[]"], jsonencode(value)) }
    ]))
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_lambda_permission.this]
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
    format          = local.access_log
  }

  tags = var.tags

  lifecycle {
    precondition {
      condition     = length(data.aws_iam_roles.logs.names) > 0
      error_message = <<-EOT
        There is no role ${var.logs_role_name}, as which API Gateway writes logs in this account and region. It belongs to
        the account and not to an environment: apply bootstrap/ once in each region, as docs/aws.md says. Where the account has had
        such a role from elsewhere, name it: api_logs_role_name = "<name>".
      EOT
    }
  }

  # Else API Gateway makes it itself, without a key and for ever.
  depends_on = [aws_cloudwatch_log_group.execution]
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

  tags = var.tags
}
