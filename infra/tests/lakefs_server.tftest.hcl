# The lakeFS server: reached by named groups, set up before it answers. tests/infra/test_lakefs_server.py reads the first plan.
# Planned with made-up values: it never ran on AWS.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name_prefix                        = "lakeloop-test"
  region                             = "us-east-1"
  image                              = "123456789012.dkr.ecr.us-east-1.amazonaws.com/lakefs@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  vpc_id                             = "vpc-1"
  subnet_ids                         = ["subnet-1", "subnet-2"]
  client_security_group_ids          = { functions = "sg-1" }
  database_clients_security_group_id = "sg-2"
  server_secret_arn                  = "arn:aws:secretsmanager:us-east-1:123456789012:secret:server"
  credentials_secret_arn             = "arn:aws:secretsmanager:us-east-1:123456789012:secret:credentials"
  lake_bucket                        = "lakeloop-test-lake-123456789012"
  kms_key_arn                        = "arn:aws:kms:us-east-1:123456789012:key/mock"
}

run "without_a_certificate" {
  command = plan

  module { source = "./modules/lakefs_server" }

  assert {
    condition     = aws_lb.this.internal && aws_lb_listener.this.protocol == "HTTP" && aws_lb_listener.this.port == 8000
    error_message = "The load balancer has private addresses."
  }

  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.balancer) == ["functions"] && aws_vpc_security_group_ingress_rule.balancer["functions"].referenced_security_group_id == "sg-1" && aws_vpc_security_group_ingress_rule.balancer["functions"].cidr_ipv4 == null && aws_vpc_security_group_ingress_rule.server.cidr_ipv4 == null
    error_message = "Groups are let in, and no addresses."
  }

  assert {
    condition     = aws_ecs_service.this.wait_for_steady_state && !aws_ecs_service.this.network_configuration[0].assign_public_ip && aws_ecs_service.this.deployment_circuit_breaker[0].rollback
    error_message = "An apply goes on once tasks answer, and they have private addresses."
  }
}

run "with_a_certificate" {
  command = plan

  module { source = "./modules/lakefs_server" }

  variables {
    image  = "treeverse/lakefs:1.86.0"
    domain = { name = "lakefs.example.com", certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/1", zone_id = "Z1" }
  }

  assert {
    condition     = output.endpoint == "https://lakefs.example.com" && aws_lb_listener.this.port == 443 && aws_lb_listener.this.ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    error_message = "With a certificate the server is reached by HTTPS, at the certificate's name."
  }

  assert {
    condition     = aws_route53_record.this[0].name == "lakefs.example.com" && aws_vpc_security_group_ingress_rule.balancer["functions"].to_port == 443
    error_message = "The name leads to the load balancer, and the groups to the port."
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.this["execution"].policy, "ecr:")
    error_message = "An image of a public registry needs no rights."
  }
}

run "what_is_refused" {
  command = plan

  module { source = "./modules/lakefs_server" }

  variables {
    name_prefix               = "a-name-that-is-much-too-long-for-it"
    image                     = "treeverse/lakefs:latest"
    subnet_ids                = ["subnet-1"]
    client_security_group_ids = {}
    server_secret_arn         = "secret"
    credentials_secret_arn    = "secret"
    domain                    = { name = "https://lakefs.example.com", certificate_arn = "none", zone_id = "Z1" }
    memory_mb                 = 100
    architecture              = "arm64"
    tasks                     = 0
  }

  expect_failures = [
    var.name_prefix,
    var.image,
    var.subnet_ids,
    var.client_security_group_ids,
    var.server_secret_arn,
    var.credentials_secret_arn,
    var.domain,
    var.memory_mb,
    var.architecture,
    var.tasks,
  ]
}
