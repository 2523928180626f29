# What one looks at: the loop on one dashboard, from dropped files to answered requests; and what a month may cost.

locals {
  functions = { for chain in var.chains : chain => "${var.name_prefix}-${replace(chain, "_", "-")}" }

  # Graphs from left to right, three a row, in the order of the loop. CloudWatch takes 500 metrics in a graph, so that of more
  # endpoints the first are shown.
  graphs = [
    {
      title   = "Rows committed and set aside"
      stat    = "Sum"
      metrics = [for metric in ["RowsAccepted", "RowsQuarantined"] : [var.name_prefix, metric, "service", "transform_data"]]
    },
    {
      title   = "Messages handled"
      stat    = "Sum"
      metrics = [for chain in var.chains : [var.name_prefix, "MessagesHandled", "service", chain]]
    },
    {
      title   = "Messages that wait"
      stat    = "Maximum"
      metrics = [for name in values(local.functions) : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", name]]
    },
    {
      title   = "Letters that wait for a person"
      stat    = "Maximum"
      metrics = [for name in values(local.functions) : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "${name}-dlq"]]
    },
    {
      title   = "Age of the oldest message, seconds"
      stat    = "Maximum"
      metrics = [for chain in var.chains : [var.name_prefix, "OldestMessageAge", "service", chain]]
    },
    {
      title   = "Errors of functions"
      stat    = "Sum"
      metrics = [for name in concat(values(local.functions), ["${var.name_prefix}-predict"]) : ["AWS/Lambda", "Errors", "FunctionName", name]]
    },
    {
      title   = "Prediction requests, and those that failed"
      stat    = "Sum"
      metrics = [for metric in ["Count", "4XXError", "5XXError"] : ["AWS/ApiGateway", metric, "ApiName", var.api.name, "Stage", var.api.stage]]
    },
    {
      title   = "Milliseconds of a prediction request, 99 in 100"
      stat    = "p99"
      metrics = [for metric in ["Latency", "IntegrationLatency"] : ["AWS/ApiGateway", metric, "ApiName", var.api.name, "Stage", var.api.stage]]
    },
    {
      title   = "Microseconds of the models, 99 in 100"
      stat    = "p99"
      metrics = [for endpoint in slice(var.endpoints, 0, min(500, length(var.endpoints))) : ["AWS/SageMaker", "ModelLatency", "EndpointName", endpoint, "VariantName", "AllTraffic"]]
    },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name_prefix

  dashboard_body = jsonencode({
    widgets = [for place, graph in local.graphs : {
      type   = "metric"
      x      = 8 * (place % 3)
      y      = 6 * floor(place / 3)
      width  = 8
      height = 6
      properties = {
        title   = graph.title
        region  = var.region
        view    = "timeSeries"
        stat    = graph.stat
        period  = 300
        metrics = graph.metrics
      }
    }]
  })
}

resource "aws_budgets_budget" "this" {
  for_each = var.budget == null ? {} : { monthly = var.budget }

  name         = var.name_prefix
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = tostring(each.value.monthly_usd)
  limit_unit   = "USD"

  cost_filter {
    name   = "TagKeyValue"
    values = [format("user:lakeloop:environment$%s", var.name_prefix)]
  }

  dynamic "notification" {
    for_each = { ACTUAL = 80, FORECASTED = 100 }

    content {
      notification_type          = notification.key
      threshold                  = notification.value
      threshold_type             = "PERCENTAGE"
      comparison_operator        = "GREATER_THAN"
      subscriber_email_addresses = each.value.emails
    }
  }

  tags = var.tags
}
