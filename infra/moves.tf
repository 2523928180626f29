# What stood here in a released state stands in the module now; what the module called otherwise, it moves on itself.

moved {
  from = aws_cloudwatch_event_rule.sagemaker
  to   = module.lakeloop.aws_cloudwatch_event_rule.sagemaker
}

moved {
  from = aws_cloudwatch_event_rule.schedule
  to   = module.lakeloop.aws_cloudwatch_event_rule.schedule
}

moved {
  from = aws_cloudwatch_event_rule.tracking
  to   = module.lakeloop.aws_cloudwatch_event_rule.tracking
}

moved {
  from = aws_cloudwatch_event_target.sagemaker
  to   = module.lakeloop.aws_cloudwatch_event_target.sagemaker
}

moved {
  from = aws_cloudwatch_event_target.schedule
  to   = module.lakeloop.aws_cloudwatch_event_target.schedule
}

moved {
  from = aws_cloudwatch_event_target.tracking
  to   = module.lakeloop.aws_cloudwatch_event_target.tracking
}

moved {
  from = aws_cloudwatch_metric_alarm.silence
  to   = module.lakeloop.aws_cloudwatch_metric_alarm.silence
}

moved {
  from = aws_cloudwatch_metric_alarm.told
  to   = module.lakeloop.aws_cloudwatch_metric_alarm.told
}

moved {
  from = aws_lambda_invocation.approve_contracts
  to   = module.lakeloop.aws_lambda_invocation.approve_contracts
}

moved {
  from = aws_lambda_invocation.bootstrap_lake
  to   = module.lakeloop.aws_lambda_invocation.bootstrap_lake
}

moved {
  from = aws_lambda_invocation.guard_data
  to   = module.lakeloop.aws_lambda_invocation.guard_data
}

moved {
  from = aws_lambda_invocation.reap_endpoints
  to   = module.lakeloop.aws_lambda_invocation.reap_endpoints
}

moved {
  from = aws_lambda_invocation.serve_as_contracts_say
  to   = module.lakeloop.aws_lambda_invocation.serve_as_contracts_say
}

moved {
  from = aws_s3_bucket_notification.landing
  to   = module.lakeloop.aws_s3_bucket_notification.landing
}

moved {
  from = aws_s3_object.contract
  to   = module.lakeloop.aws_s3_object.contract
}

moved {
  from = aws_s3_object.contracts_index
  to   = module.lakeloop.aws_s3_object.contracts_index
}

moved {
  from = module.age
  to   = module.lakeloop.module.age
}

moved {
  from = module.api
  to   = module.lakeloop.module.api
}

moved {
  from = module.bootstrap
  to   = module.lakeloop.module.bootstrap
}

moved {
  from = module.encryption
  to   = module.lakeloop.module.encryption
}

moved {
  from = module.event_chain
  to   = module.lakeloop.module.event_chain
}

moved {
  from = module.function
  to   = module.lakeloop.module.function
}

moved {
  from = module.lakefs
  to   = module.lakeloop.module.lakefs
}

moved {
  from = module.layers
  to   = module.lakeloop.module.layers
}

moved {
  from = module.observability
  to   = module.lakeloop.module.observability
}

moved {
  from = module.sagemaker
  to   = module.lakeloop.module.sagemaker
}

moved {
  from = module.serving
  to   = module.lakeloop.module.serving
}

moved {
  from = module.silence
  to   = module.lakeloop.module.silence
}

moved {
  from = module.storage
  to   = module.lakeloop.module.storage
}

moved {
  from = module.told
  to   = module.lakeloop.module.told
}

moved {
  from = terraform_data.contract
  to   = module.lakeloop.terraform_data.contract
}

moved {
  from = terraform_data.join_days
  to   = module.lakeloop.terraform_data.join_days
}

moved {
  from = terraform_data.owner
  to   = module.lakeloop.terraform_data.owner
}
