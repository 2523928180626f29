# A landing bucket of your own. S3 has one notification configuration for each bucket, and whoever writes it takes away what
# others have there; so this bucket is left as it is, and the loop is told by EventBridge, for which its owner switches it on.

data "aws_s3_bucket" "landing" {
  count = var.landing_bucket == null ? 0 : 1

  bucket = var.landing_bucket.name
}

resource "aws_cloudwatch_event_rule" "landed" {
  count = var.landing_bucket == null ? 0 : 1

  name        = "${local.name_prefix}-landed"
  description = "Wakes transform_data: files at incoming/ of ${var.landing_bucket.name}"
  event_pattern = jsonencode({
    source      = ["aws.s3"]
    detail-type = ["Object Created"]
    detail      = { bucket = { name = [var.landing_bucket.name] }, object = { key = [{ prefix = "incoming/" }] } }
  })

  tags = local.tags

  # By it reap_endpoints sees whether the environment stays.
  depends_on = [aws_lambda_invocation.reap_endpoints]
}

resource "aws_cloudwatch_event_target" "landed" {
  count = var.landing_bucket == null ? 0 : 1

  rule      = aws_cloudwatch_event_rule.landed[0].name
  target_id = "transform-data"
  arn       = module.event_chain["transform_data"].topic_arn

  retry_policy {
    maximum_event_age_in_seconds = 24 * 3600
    maximum_retry_attempts       = 185
  }

  dead_letter_config {
    arn = module.event_chain["transform_data"].dlq_arn
  }
}
