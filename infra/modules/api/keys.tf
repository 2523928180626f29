# Who may call: a key for each caller, so that one can be replaced while all others work.

resource "aws_api_gateway_usage_plan" "this" {
  for_each = var.keys

  name        = each.key == "default" ? local.full_name : "${local.full_name}-${each.key}"
  description = "What the API key ${each.key} of ${var.name_prefix} may ask for"

  api_stages {
    api_id = aws_api_gateway_rest_api.this.id
    stage  = aws_api_gateway_stage.this.stage_name
  }

  throttle_settings {
    rate_limit  = coalesce(each.value.requests_per_second, var.throttle.requests_per_second)
    burst_limit = coalesce(each.value.burst, var.throttle.burst)
  }

  dynamic "quota_settings" {
    for_each = each.value.requests_per_day[*]

    content {
      limit  = quota_settings.value
      period = "DAY"
    }
  }

  tags = var.tags
}

# Without a value: AWS makes one. The provider reads it back, so it stands in the state, marked as sensitive.
resource "aws_api_gateway_api_key" "this" {
  for_each = var.keys

  name        = each.key == "default" ? local.full_name : "${local.full_name}-${each.key}"
  description = "Calls the predictions of ${var.name_prefix}"
  enabled     = each.value.enabled

  tags = var.tags
}

resource "aws_api_gateway_usage_plan_key" "this" {
  for_each = var.keys

  usage_plan_id = aws_api_gateway_usage_plan.this[each.key].id
  key_id        = aws_api_gateway_api_key.this[each.key].id
  key_type      = "API_KEY"
}
