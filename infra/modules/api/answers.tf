# What the gateway answers by itself, in the shape of the function's errors.

locals {
  # The function's own limits (lakeloop.serving.request), which are below API Gateway's 10 MB and Lambda's 6 MB.
  largest = "A request for one row has at most 1,048,576 bytes, a batch 3,000,000."

  answers = {
    BAD_REQUEST_BODY = {
      status  = "400"
      error   = "invalid_request"
      message = "Send a JSON object, for one row with `features` and at most `inference_id`, for a batch with `rows`, for feedback with `inference_id` and `label` or with `labels`: $context.error.validationErrorString"
    }
    BAD_REQUEST_PARAMETERS       = { status = "400", error = "invalid_request", message = "$context.error.validationErrorString" }
    INVALID_API_KEY              = { status = "403", error = "forbidden", message = "Send a valid API key in the header x-api-key." }
    MISSING_AUTHENTICATION_TOKEN = { status = "404", error = "not_found", message = "There is POST /datasets/{dataset}/predictions, POST /datasets/{dataset}/predictions/batch, POST /datasets/{dataset}/feedback and GET /openapi.json." }
    REQUEST_TOO_LARGE            = { status = "413", error = "invalid_request", message = local.largest }
    UNSUPPORTED_MEDIA_TYPE       = { status = "415", error = "invalid_request", message = "Send application/json." }
    THROTTLED                    = { status = "429", error = "throttled", message = "Too many requests at once: try again in a second.", retry = "1" }
    QUOTA_EXCEEDED               = { status = "429", error = "quota_exceeded", message = "The API key's quota is used up until the day ends (UTC)." }
    # A function at its concurrency, for which API Gateway has no type of its own, or one that failed.
    INTEGRATION_FAILURE = { status = "503", error = "unavailable", message = "The prediction function is busy or failed: try again after the seconds of Retry-After. ${local.largest}", retry = "5" }
    INTEGRATION_TIMEOUT = { status = "504", error = "unavailable", message = "The prediction function took too long: try again after the seconds of Retry-After.", retry = "5" }
    # What has no line of its own, among it what API Gateway takes for a wrong answer of the function.
    DEFAULT_5XX = { status = "503", error = "unavailable", message = "The API cannot answer now: try again after the seconds of Retry-After.", retry = "5" }
  }

  # A page may read why it was refused too. The gateway cannot choose from a list, so with several origins it names whichever asks:
  # these answers tell of nobody's data.
  readable = length(var.cors_origins) == 0 ? {} : {
    "gatewayresponse.header.Access-Control-Allow-Origin" = length(var.cors_origins) == 1 ? "'${var.cors_origins[0]}'" : "method.request.header.Origin"
  }
}

resource "aws_api_gateway_gateway_response" "this" {
  for_each = local.answers

  rest_api_id   = aws_api_gateway_rest_api.this.id
  response_type = each.key
  status_code   = each.value.status

  response_templates = {
    "application/json" = jsonencode({ error = each.value.error, message = each.value.message })
  }

  response_parameters = merge(
    local.readable,
    try({ "gatewayresponse.header.Retry-After" = "'${each.value.retry}'" }, {}),
  )
}
