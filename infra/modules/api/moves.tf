# What was called otherwise before, so that an upgrade keeps the API, its address and its key.

moved {
  from = aws_cloudwatch_metric_alarm.server_errors
  to   = module.alarms.aws_cloudwatch_metric_alarm.this["server_errors"]
}

moved {
  from = aws_api_gateway_api_key.this
  to   = aws_api_gateway_api_key.this["default"]
}

moved {
  from = aws_api_gateway_usage_plan.this
  to   = aws_api_gateway_usage_plan.this["default"]
}

moved {
  from = aws_api_gateway_usage_plan_key.this
  to   = aws_api_gateway_usage_plan_key.this["default"]
}

moved {
  from = aws_api_gateway_model.request
  to   = aws_api_gateway_model.request["PredictionRequest"]
}

moved {
  from = aws_api_gateway_method.predict
  to   = aws_api_gateway_method.this["predict"]
}

moved {
  from = aws_api_gateway_integration.predict
  to   = aws_api_gateway_integration.this["predict"]
}

moved {
  from = aws_lambda_permission.predict
  to   = aws_lambda_permission.this["predict"]
}

# They are the account's: an environment that had set them leaves them where they are.
removed {
  from = aws_api_gateway_account.this

  lifecycle {
    destroy = false
  }
}

removed {
  from = aws_iam_role.logs

  lifecycle {
    destroy = false
  }
}

removed {
  from = aws_iam_role_policy_attachment.logs

  lifecycle {
    destroy = false
  }
}
