# A domain name of one's own before the stage.

resource "aws_api_gateway_domain_name" "this" {
  for_each = var.domain == null ? {} : { (var.domain.name) = var.domain.certificate_arn }

  domain_name              = each.key
  regional_certificate_arn = each.value
  security_policy          = "TLS_1_2"

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  tags = var.tags
}

resource "aws_api_gateway_base_path_mapping" "this" {
  for_each = aws_api_gateway_domain_name.this

  domain_name = each.value.domain_name
  api_id      = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
}
