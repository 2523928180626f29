output "topic_arn" {
  description = "ARN of the topic that wakes the function, once what is published to it reaches the queue."
  value       = aws_sns_topic.this.arn

  depends_on = [aws_sns_topic_subscription.this]
}

output "queue_url" {
  description = "URL of the queue the function reads."
  value       = aws_sqs_queue.this.url
}

output "dlq_url" {
  description = "URL of the dead-letter queue."
  value       = aws_sqs_queue.dlq.url
}

output "dlq_arn" {
  description = "ARN of the dead-letter queue."
  value       = aws_sqs_queue.dlq.arn
}

output "function" {
  description = "Name and log group of the function, and the version that its alias names."
  value       = { name = module.function.name, log_group = module.function.log_group, version = module.function.alias.version }
}
