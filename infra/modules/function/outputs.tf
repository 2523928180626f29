output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "alias" {
  description = "Name, ARN and version of the alias that whoever wakes the function names, and the ARN by which API Gateway invokes it."
  value = {
    name       = aws_lambda_alias.live.name
    arn        = aws_lambda_alias.live.arn
    version    = aws_lambda_alias.live.function_version
    invoke_arn = aws_lambda_alias.live.invoke_arn
  }
}

output "log_group" {
  description = "CloudWatch log group of the function."
  value       = aws_cloudwatch_log_group.this.name
}
