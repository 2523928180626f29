output "api_logs_role_name" {
  description = "Role as which API Gateway writes logs; environments of this region know it by itself."
  value       = aws_iam_role.api_logs.name
}
