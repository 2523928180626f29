output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "cidr" {
  description = "Addresses of the VPC."
  value       = aws_vpc.this.cidr_block
}

output "private_subnet_ids" {
  description = "Ids of the private subnets, in the order of the zones."
  value       = [for zone in var.zones : aws_subnet.private[zone].id]
}

output "functions" {
  description = "Subnets and security groups for functions, as the module lakeloop takes them: its `vpc`; once there is a way to AWS's services."
  value = {
    subnet_ids         = [for zone in var.zones : aws_subnet.private[zone].id]
    security_group_ids = [aws_security_group.functions.id]
  }

  depends_on = [
    aws_route.out,
    aws_route_table_association.private,
    aws_vpc_endpoint.s3,
    aws_vpc_endpoint.service,
    aws_vpc_security_group_egress_rule.functions,
    aws_vpc_security_group_ingress_rule.endpoints,
  ]
}
