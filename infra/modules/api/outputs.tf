output "id" {
  description = "Id of the REST API."
  value       = aws_api_gateway_rest_api.this.id
}

output "name" {
  description = "Name of the REST API, by which CloudWatch counts its requests."
  value       = aws_api_gateway_rest_api.this.name
}

output "stage" {
  description = "Name of the stage."
  value       = aws_api_gateway_stage.this.stage_name
}

output "url" {
  description = "URL of the stage."
  value       = aws_api_gateway_stage.this.invoke_url
}

output "key_ids" {
  description = "Ids of the API keys by caller; a value is read with `aws apigateway get-api-key --include-value`."
  value       = { for name, key in aws_api_gateway_api_key.this : name => key.id }
}
