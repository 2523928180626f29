output "key_arn" {
  description = "ARN of the key."
  value       = coalesce(var.key_arn, one(aws_kms_key.this[*].arn))
}
