# The prediction API refuses what it can tell is wrong, and says what.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name_prefix = "lakeloop-test"
  functions = { for name in ["predict", "record_feedback"] : name => {
    name = "lakeloop-test-${replace(name, "_", "-")}"
    alias = {
      name       = "live"
      invoke_arn = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:lakeloop-test-${replace(name, "_", "-")}:live/invocations"
    }
  } }
  logs_role_name = "lakeloop-api-gateway-logs-us-east-1"
  kms_key_arn    = "arn:aws:kms:us-east-1:123456789012:key/mock"
}

run "requests" {
  command = plan
  module { source = "./modules/api" }

  assert {
    condition = { for name, method in aws_api_gateway_method.this : name => [method.http_method, method.api_key_required] } == {
      predict = ["POST", true], predict_batch = ["POST", true], feedback = ["POST", true], describe = ["GET", true]
    }
    error_message = "Every caller needs a key, and what is not public cannot be asked for with GET."
  }

  assert {
    condition     = aws_api_gateway_request_validator.this.validate_request_body && aws_api_gateway_request_validator.this.validate_request_parameters
    error_message = "Body and parameters are checked."
  }

  assert {
    condition = { for name, model in aws_api_gateway_model.request : name => jsondecode(model.schema) } == {
      PredictionRequest = {
        "$schema"            = "http://json-schema.org/draft-04/schema#"
        title                = "PredictionRequest"
        type                 = "object"
        required             = ["features"]
        additionalProperties = false
        properties           = { features = { type = "object" }, inference_id = {} }
      }
      FeedbackRequest = {
        "$schema"            = "http://json-schema.org/draft-04/schema#"
        title                = "FeedbackRequest"
        type                 = "object"
        additionalProperties = false
        properties           = { inference_id = {}, label = {}, event_time = {}, label_source = {}, labels = { type = "array" } }
      }
      BatchRequest = {
        "$schema"            = "http://json-schema.org/draft-04/schema#"
        title                = "BatchRequest"
        type                 = "object"
        required             = ["rows"]
        additionalProperties = false
        properties           = { rows = { type = "array" } }
      }
    }
    error_message = "The gateway checks the shape only, so that the function can name every wrong field."
  }

  assert {
    condition = { for name, permission in aws_lambda_permission.this : name => split("/v1/", permission.source_arn)[1] } == {
      predict       = "POST/datasets/*/predictions"
      predict_batch = "POST/datasets/*/predictions/batch"
      feedback      = "POST/datasets/*/feedback"
      describe      = "GET/openapi.json"
    }
    error_message = "Only these methods of this stage may invoke the function."
  }

  assert {
    condition     = alltrue([for name, permission in aws_lambda_permission.this : permission.statement_id == "PredictionApi-${aws_api_gateway_rest_api.this.id}-${name}"])
    error_message = "The permissions of an API that is made anew come before those of the old one go: each has a name of its own."
  }

  assert {
    condition = alltrue([for name, permission in aws_lambda_permission.this :
      permission.qualifier == "live" && strcontains(aws_api_gateway_integration.this[name].uri, ":${permission.function_name}:live/")
    ])
    error_message = "What is invoked is the alias, and just that may be."
  }

  assert {
    condition     = [for name, permission in aws_lambda_permission.this : name if permission.function_name == "lakeloop-test-record-feedback"] == ["feedback"]
    error_message = "Labels go to the function that takes them, all else to the one that predicts."
  }
}

run "what_every_deployment_holds" {
  command = plan
  module { source = "./modules/api" }

  assert {
    condition     = toset(keys(aws_api_gateway_integration.this)) == toset(keys(aws_api_gateway_method.this)) && alltrue([for one in values(aws_api_gateway_integration.this) : one.type == "AWS_PROXY"])
    error_message = "Each method asks the function."
  }
}

run "public_datasets" {
  command = plan
  module { source = "./modules/api" }

  variables {
    public = true
  }

  assert {
    condition     = aws_api_gateway_method.this["query"].http_method == "GET" && !aws_api_gateway_method.this["query"].api_key_required
    error_message = "Rows of public datasets are asked for in addresses, by browsers, which send no key."
  }

  assert {
    condition     = !strcontains(lower(aws_api_gateway_stage.this.access_log_settings[0].format), "query") && strcontains(aws_api_gateway_stage.this.access_log_settings[0].format, "$context.path\"")
    error_message = "What stands in an address is in no log."
  }
}

run "pages_of_others" {
  command = plan
  module { source = "./modules/api" }

  variables {
    cors_origins = ["https://a.example"]
  }

  assert {
    condition     = toset([for name, method in aws_api_gateway_method.this : name if method.http_method == "OPTIONS" && !method.api_key_required]) == toset(["preflight_batch", "preflight_feedback", "preflight_openapi", "preflight_predictions"])
    error_message = "A browser asks before it sends a page's request, without the page's key."
  }

  assert {
    condition     = alltrue([for answer in values(aws_api_gateway_gateway_response.this) : answer.response_parameters["gatewayresponse.header.Access-Control-Allow-Origin"] == "'https://a.example'"])
    error_message = "A page may read why it was refused."
  }
}

run "pages_of_nobody" {
  command = plan
  module { source = "./modules/api" }

  assert {
    condition     = alltrue([for answer in values(aws_api_gateway_gateway_response.this) : !contains(keys(answer.response_parameters), "gatewayresponse.header.Access-Control-Allow-Origin")])
    error_message = "Without origins no page may read anything."
  }
}

run "answers" {
  command = plan
  module { source = "./modules/api" }

  assert {
    condition = alltrue([for answer in values(aws_api_gateway_gateway_response.this) :
      can(jsondecode(answer.response_templates["application/json"]).error) && can(jsondecode(answer.response_templates["application/json"]).message)
    ])
    error_message = "What the gateway answers has the shape of what the function answers."
  }

  assert {
    condition     = strcontains(aws_api_gateway_gateway_response.this["BAD_REQUEST_BODY"].response_templates["application/json"], "$context.error.validationErrorString")
    error_message = "Who sends a wrong body is told what is wrong with it."
  }

  assert {
    condition     = { for type in ["INVALID_API_KEY", "THROTTLED", "QUOTA_EXCEEDED"] : type => aws_api_gateway_gateway_response.this[type].status_code } == { INVALID_API_KEY = "403", THROTTLED = "429", QUOTA_EXCEEDED = "429" }
    error_message = "A missing key is 403, too many requests are 429."
  }

  assert {
    condition = alltrue([for type in ["THROTTLED", "INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT", "DEFAULT_5XX"] :
      can(aws_api_gateway_gateway_response.this[type].response_parameters["gatewayresponse.header.Retry-After"])
    ])
    error_message = "Who is to come again is told when."
  }
}

run "limits" {
  command = plan
  module { source = "./modules/api" }

  variables {
    throttle = { requests_per_second = 5, burst = 7 }
  }

  assert {
    condition     = aws_api_gateway_method_settings.all.settings[0].throttling_rate_limit == 5 && aws_api_gateway_usage_plan.this["default"].throttle_settings[0].burst_limit == 7
    error_message = "Stage and usage plan have the given limits."
  }

  assert {
    condition     = aws_api_gateway_method_settings.all.settings[0].data_trace_enabled == false
    error_message = "Requests are not written to logs: they may hold personal data."
  }
}

run "a_key_for_each_caller" {
  command = plan
  module { source = "./modules/api" }

  variables {
    keys = { default = { enabled = false }, web = {}, batch = { requests_per_second = 2, burst = 3, requests_per_day = 1000 } }
  }

  assert {
    condition     = { for name, key in aws_api_gateway_api_key.this : name => [key.name, key.enabled] } == { default = ["lakeloop-test-api", false], web = ["lakeloop-test-api-web", true], batch = ["lakeloop-test-api-batch", true] }
    error_message = "Keys are there side by side, and the first keeps its name."
  }

  assert {
    condition     = aws_api_gateway_usage_plan.this["batch"].quota_settings[0].limit == 1000 && aws_api_gateway_usage_plan.this["batch"].throttle_settings[0].rate_limit == 2 && length(aws_api_gateway_usage_plan.this["web"].quota_settings) == 0 && aws_api_gateway_usage_plan.this["web"].throttle_settings[0].rate_limit == 50
    error_message = "Each caller has its own limits, or the API's."
  }
}

run "no_key_at_all" {
  command = plan
  module { source = "./modules/api" }

  variables {
    keys = { web = { enabled = false } }
  }

  expect_failures = [var.keys]
}

run "a_key_that_is_called_badly" {
  command = plan
  module { source = "./modules/api" }

  variables {
    keys = { "The Web" = {} }
  }

  expect_failures = [var.keys]
}

run "an_account_without_a_role_for_logs" {
  command = plan
  module { source = "./modules/api" }

  override_data {
    target = data.aws_iam_roles.logs
    values = { names = [] }
  }

  expect_failures = [aws_api_gateway_stage.this]
}

run "a_limit_of_none" {
  command = plan
  module { source = "./modules/api" }

  variables {
    throttle = { requests_per_second = 0, burst = 1 }
  }

  expect_failures = [var.throttle]
}
