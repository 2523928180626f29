# A VPC for functions and servers with private addresses: private subnets in each zone, and the way to AWS's services by one
# NAT gateway or by interface endpoints.

locals {
  zones = { for place, zone in var.zones : zone => place }

  # What functions in the VPC and the containers of a server in it call, beside S3, which has a gateway.
  services = ["ecr.api", "ecr.dkr", "logs", "sagemaker.api", "secretsmanager", "sns", "sqs"]

  public_zone = var.nat ? { (var.zones[0]) = 0 } : {}
}

resource "aws_vpc" "this" {
  #checkov:skip=CKV2_AWS_11:Who may send what where is bound by the security groups; flow logs cost more than what they watch here and are the account's to switch on
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = merge(var.tags, { Name = var.name_prefix })
}

# Without rules: nothing that forgets to name a group reaches anything.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id

  tags = merge(var.tags, { Name = "${var.name_prefix}-default" })
}

resource "aws_subnet" "private" {
  for_each = local.zones

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.cidr, 4, each.value)

  tags = merge(var.tags, { Name = "${var.name_prefix}-private-${each.key}" })
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.this.id

  tags = merge(var.tags, { Name = "${var.name_prefix}-private" })
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private.id
}

# Costs nothing, and what lakeFS has signed goes this way too.
resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  vpc_endpoint_type = "Gateway"
  service_name      = "com.amazonaws.${var.region}.s3"
  route_table_ids   = [aws_route_table.private.id]

  tags = merge(var.tags, { Name = "${var.name_prefix}-s3" })
}

resource "aws_vpc_endpoint" "service" {
  for_each = var.nat ? [] : toset(local.services)

  vpc_id              = aws_vpc.this.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  subnet_ids          = [for subnet in aws_subnet.private : subnet.id]
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true

  tags = merge(var.tags, { Name = "${var.name_prefix}-${each.key}" })
}

resource "aws_security_group" "endpoints" {
  #checkov:skip=CKV2_AWS_5:Without a NAT gateway the interface endpoints have it
  name        = "${var.name_prefix}-endpoints"
  description = "Lets the VPC at the endpoints of AWS's services"
  vpc_id      = aws_vpc.this.id

  tags = merge(var.tags, { Name = "${var.name_prefix}-endpoints" })
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  security_group_id = aws_security_group.endpoints.id
  description       = "HTTPS from the VPC"
  cidr_ipv4         = var.cidr
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = var.tags
}

resource "aws_security_group" "functions" {
  #checkov:skip=CKV2_AWS_5:The functions that the caller of this module makes have it
  name        = "${var.name_prefix}-functions"
  description = "What functions in the VPC may reach"
  vpc_id      = aws_vpc.this.id

  tags = merge(var.tags, { Name = "${var.name_prefix}-functions" })
}

resource "aws_vpc_security_group_egress_rule" "functions" {
  for_each = { https = { cidr = "0.0.0.0/0", port = 443 }, servers = { cidr = var.cidr, port = var.server_port } }

  security_group_id = aws_security_group.functions.id
  description       = each.key == "https" ? "AWS, and servers with a certificate" : "Servers in the VPC"
  cidr_ipv4         = each.value.cidr
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port

  tags = var.tags
}
