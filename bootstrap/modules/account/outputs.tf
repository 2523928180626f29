output "state_bucket" {
  description = "Bucket for the states; the same in every envs/*.s3.tfbackend of the account."
  value       = aws_s3_bucket.state.bucket
}

output "github_role_arns" {
  description = "Roles of the workflows, by what they do; set them as variables of the repository and its environments."
  value       = { for name, role in aws_iam_role.github : name => role.arn }
}
