# What goes wrong without a message in a dead-letter queue; `lakeloop status` says which dataset and why.

locals {
  told = {
    tuning-without-model = {
      chain  = "deploy_model"
      metric = "TuningWithoutModel"
      text   = "A tuning job ended without a model: it is tried again up to three times. `lakeloop status` shows the reason."
    }
    deployment-failed = {
      chain  = "deploy_model"
      metric = "DeploymentFailed"
      text   = "An endpoint did not come to its new model; where there was an old one, that serves on. `lakeloop status` shows the reason."
    }
    model-not-deployed = {
      chain  = "start_tuning"
      metric = "ModelNotDeployed"
      text   = "A model is trained and nobody deployed it: the event of its job was lost. `lakeloop status` shows the job."
    }
  }

  # Hours after which a dataset that nobody dropped a file for is told, by its contract's expect_every.
  silences = {
    for name, every in { for name, document in module.contracts.documents : name => try(jsondecode(document).contract.expect_every, null) } :
    name => tonumber(substr(every, 0, length(every) - 1)) * (endswith(every, "d") ? 24 : 1) if every != null
  }
}

resource "aws_cloudwatch_metric_alarm" "told" {
  for_each = local.told

  alarm_name        = "${local.name_prefix}-${each.key}"
  alarm_description = each.value.text

  namespace           = local.name_prefix
  metric_name         = each.value.metric
  dimensions          = { service = each.value.chain }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"

  alarm_actions = var.alarm_topic_arn[*]
  ok_actions    = var.alarm_topic_arn[*]
}

resource "aws_cloudwatch_metric_alarm" "silence" {
  for_each = local.silences

  alarm_name        = "${local.name_prefix}-silence-${replace(each.key, "_", "-")}"
  alarm_description = "No file of ${each.key} was taken for ${each.value} hours: look at who drops them, `lakeloop dlq list` and the quarantine."

  namespace           = local.name_prefix
  metric_name         = "FilesTaken"
  dimensions          = { dataset = each.key, service = "transform_data" }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = each.value
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"

  alarm_actions = var.alarm_topic_arn[*]
  ok_actions    = var.alarm_topic_arn[*]
}
