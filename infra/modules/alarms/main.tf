# Alarms on one metric each. All tell the same topic when they turn red, and when they are green again.

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = var.alarms

  alarm_name        = each.value.name
  alarm_description = join(" ", compact([each.value.text, each.value.runbook == null ? "" : "What to do: docs/runbooks/${each.value.runbook}.md"]))

  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = each.value.period_seconds
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.red_periods
  comparison_operator = each.value.red_when
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing

  alarm_actions = var.topic_arn[*]
  ok_actions    = [for topic in var.topic_arn[*] : topic if each.value.tells_green]

  tags = var.tags
}
