output "execution_role_arn" {
  description = "ARN of the role of training jobs and endpoints, once it may do its work."
  value       = aws_iam_role.execution.arn

  depends_on = [aws_iam_role_policy.execution]
}

output "xgboost_image" {
  description = "Registry path of the built-in XGBoost image."
  value       = data.aws_sagemaker_prebuilt_ecr_image.xgboost.registry_path
}
