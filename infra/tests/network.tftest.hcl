# The network: private addresses, and a way to AWS's services by a gateway or by endpoints.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name_prefix = "lakeloop-test"
  region      = "us-east-1"
  zones       = ["us-east-1a", "us-east-1b"]
}

run "by_a_nat_gateway" {
  command = plan

  module { source = "./modules/network" }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_route.out) == 1 && length(aws_vpc_endpoint.service) == 0
    error_message = "One gateway serves all zones, and no endpoint is paid for beside it."
  }

  assert {
    condition     = { for zone, subnet in aws_subnet.private : zone => subnet.cidr_block } == { us-east-1a = "10.0.0.0/20", us-east-1b = "10.0.16.0/20" }
    error_message = "Each zone has a private subnet."
  }

  assert {
    condition     = aws_vpc_endpoint.s3.vpc_endpoint_type == "Gateway" && aws_vpc_endpoint.s3.service_name == "com.amazonaws.us-east-1.s3"
    error_message = "S3 is reached by its gateway, which costs nothing."
  }

  assert {
    condition     = alltrue([for subnet in concat(values(aws_subnet.private), values(aws_subnet.public)) : subnet.map_public_ip_on_launch != true])
    error_message = "Nothing in the VPC is given a public address."
  }
}

run "by_endpoints" {
  command = plan

  module { source = "./modules/network" }

  variables {
    nat = false
  }

  assert {
    condition     = length(concat(values(aws_nat_gateway.this), values(aws_eip.nat), values(aws_internet_gateway.this), values(aws_subnet.public))) == 0
    error_message = "Without a gateway there is no way out, and none in."
  }

  # Images come by ecr.api, ecr.dkr and S3; their lines and secrets by logs and secretsmanager; functions call the rest.
  assert {
    condition     = keys(aws_vpc_endpoint.service) == ["ecr.api", "ecr.dkr", "logs", "sagemaker.api", "secretsmanager", "sns", "sqs"]
    error_message = "Every service has an endpoint that functions and containers call."
  }

  assert {
    condition     = alltrue([for endpoint in aws_vpc_endpoint.service : endpoint.private_dns_enabled && endpoint.vpc_endpoint_type == "Interface"])
    error_message = "They are found by the services' own names."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.endpoints.cidr_ipv4 == "10.0.0.0/16" && aws_vpc_security_group_ingress_rule.endpoints.to_port == 443
    error_message = "The VPC alone reaches them."
  }
}

run "one_zone" {
  command = plan

  module { source = "./modules/network" }

  variables {
    zones       = ["us-east-1a"]
    cidr        = "10.0.0.0/28"
    server_port = 0
  }

  expect_failures = [var.zones, var.cidr, var.server_port]
}
