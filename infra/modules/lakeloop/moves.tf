# What was called otherwise in a released state, so that an upgrade destroys nothing.

moved {
  from = module.function["bootstrap_lake"]
  to   = module.bootstrap["bootstrap_lake"]
}

moved {
  from = aws_cloudwatch_metric_alarm.told
  to   = module.told.aws_cloudwatch_metric_alarm.this
}

moved {
  from = aws_cloudwatch_metric_alarm.silence
  to   = module.silence.aws_cloudwatch_metric_alarm.this
}
