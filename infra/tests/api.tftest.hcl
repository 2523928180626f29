# The prediction API refuses what it can tell is wrong, and says what.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name_prefix         = "lakeloop-test"
  function_name       = "lakeloop-test-predict"
  function_invoke_arn = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:lakeloop-test-predict/invocations"
  kms_key_arn         = "arn:aws:kms:us-east-1:123456789012:key/mock"
}

run "requests" {
  command = plan
  module { source = "./modules/api" }

  assert {
    condition     = aws_api_gateway_method.predict.api_key_required
    error_message = "Every caller needs a key."
  }

  assert {
    condition     = aws_api_gateway_request_validator.this.validate_request_body && aws_api_gateway_request_validator.this.validate_request_parameters
    error_message = "Body and parameters are checked."
  }

  assert {
    condition = jsondecode(aws_api_gateway_model.request.schema) == {
      "$schema"            = "http://json-schema.org/draft-04/schema#"
      title                = "PredictionRequest"
      type                 = "object"
      required             = ["features"]
      additionalProperties = false
      properties           = { features = { type = "object" }, inference_id = {} }
    }
    error_message = "The gateway checks the shape only, so that the function can name every wrong field."
  }

  assert {
    condition     = endswith(aws_lambda_permission.predict.source_arn, "/v1/POST/datasets/*/predictions")
    error_message = "Only this method of this stage may invoke the function."
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
}

run "limits" {
  command = plan
  module { source = "./modules/api" }

  variables {
    throttle = { requests_per_second = 5, burst = 7 }
  }

  assert {
    condition     = aws_api_gateway_method_settings.all.settings[0].throttling_rate_limit == 5 && aws_api_gateway_usage_plan.this.throttle_settings[0].burst_limit == 7
    error_message = "Stage and usage plan have the given limits."
  }

  assert {
    condition     = aws_api_gateway_method_settings.all.settings[0].data_trace_enabled == false
    error_message = "Requests are not written to logs: they may hold personal data."
  }
}

run "an_account_that_is_set_up_elsewhere" {
  command = plan
  module { source = "./modules/api" }

  variables {
    manage_account = false
  }

  assert {
    condition     = length(aws_api_gateway_account.this) == 0 && length(aws_iam_role.logs) == 0
    error_message = "The account's settings are left alone."
  }
}

run "a_limit_of_none" {
  command = plan
  module { source = "./modules/api" }

  variables {
    throttle = { requests_per_second = 0, burst = 1 }
  }

  expect_failures = [var.throttle]
}
