output "endpoint" {
  description = "URL of the server, once it answers; the module lakeloop takes it as lakefs_endpoint."
  value       = local.endpoint

  depends_on = [aws_ecs_service.this, aws_route53_record.this, aws_vpc_security_group_ingress_rule.balancer]
}

output "task_role_arn" {
  description = "Role as which lakeFS calls S3 and signs addresses."
  value       = aws_iam_role.this["task"].arn
}

output "log_group" {
  description = "CloudWatch log group of the containers."
  value       = aws_cloudwatch_log_group.this.name
}
