output "api_logs_role_name" {
  description = "Role as which API Gateway writes logs; environments of this region know it by itself."
  value       = aws_iam_role.api_logs.name
}

output "state_bucket" {
  description = "Bucket for the states, the same in every envs/*.s3.tfbackend of the account; null in a second region."
  value       = one(module.account[*].state_bucket)
}

output "github_role_arns" {
  description = "Roles of the workflows, by what they do; set them as variables of the repository and its environments."
  value       = try(module.account[0].github_role_arns, {})
}
