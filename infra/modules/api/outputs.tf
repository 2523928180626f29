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
  description = "URL of the stage, by your domain name where there is one."
  value       = var.domain == null ? aws_api_gateway_stage.this.invoke_url : "https://${var.domain.name}"
}

output "domain_target" {
  description = "Name and hosted zone that your domain name is an alias of; null without one."
  value       = one([for domain in aws_api_gateway_domain_name.this : { name = domain.regional_domain_name, zone_id = domain.regional_zone_id }])
}

output "key_ids" {
  description = "Ids of the API keys by caller; a value is read with `aws apigateway get-api-key --include-value`."
  value       = { for name, key in aws_api_gateway_api_key.this : name => key.id }
}
