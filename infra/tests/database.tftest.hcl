# The database: private, encrypted, TLS only, and kept from accidents. Planned with made-up values: it never ran on AWS.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name_prefix = "lakeloop-test"
  vpc_id      = "vpc-1"
  subnet_ids  = ["subnet-1", "subnet-2"]
  kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/mock"
}

run "as_prod_has_it" {
  command = plan

  module { source = "./modules/database" }

  assert {
    condition = (
      aws_db_instance.this.storage_encrypted && aws_db_instance.this.kms_key_id == var.kms_key_arn
      && aws_db_instance.this.master_user_secret_kms_key_id == var.kms_key_arn
      && aws_db_instance.this.performance_insights_kms_key_id == var.kms_key_arn
      && alltrue([for group in aws_cloudwatch_log_group.this : group.kms_key_id == var.kms_key_arn])
    )
    error_message = "Storage, the master's secret, performance data and logs are encrypted with the environment's key."
  }

  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.password == null
    error_message = "The master's password is made by RDS and is in no state."
  }

  assert {
    condition     = one([for parameter in aws_db_parameter_group.this.parameter : parameter.value if parameter.name == "rds.force_ssl"]) == "1" && aws_db_instance.this.parameter_group_name == "lakeloop-test-database-postgres17" && aws_db_parameter_group.this.family == "postgres17"
    error_message = "Connections without TLS are refused."
  }

  assert {
    condition     = !aws_db_instance.this.publicly_accessible && aws_db_instance.this.multi_az
    error_message = "The server has private addresses, in two zones."
  }

  assert {
    condition     = aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot && !aws_db_instance.this.delete_automated_backups && aws_db_instance.this.backup_retention_period == 14
    error_message = "No accident takes the database or its backups."
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_log_group.this)) == aws_db_instance.this.enabled_cloudwatch_logs_exports && alltrue([for name, group in aws_cloudwatch_log_group.this : group.name == "/aws/rds/instance/${aws_db_instance.this.identifier}/${name}"])
    error_message = "What RDS exports goes to groups that are made here, with a key and an end."
  }

  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.this) == ["clients"] && alltrue([for rule in aws_vpc_security_group_ingress_rule.this : rule.cidr_ipv4 == null && rule.cidr_ipv6 == null && rule.from_port == 5432 && rule.to_port == 5432])
    error_message = "Groups are let in, and no addresses."
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.clients.cidr_ipv4 == null && aws_vpc_security_group_egress_rule.clients.to_port == 5432
    error_message = "Clients reach the database by their group, and nothing else."
  }
}

run "as_dev_has_it" {
  command = plan

  module { source = "./modules/database" }

  variables {
    multi_az                  = false
    deletion_protection       = false
    backup_retention_days     = 1
    engine_version            = "16.4"
    client_security_group_ids = { bastion = "sg-1" }
  }

  assert {
    condition     = !aws_db_instance.this.multi_az && !aws_db_instance.this.deletion_protection && aws_db_instance.this.skip_final_snapshot
    error_message = "Development is cheap and can go."
  }

  assert {
    condition     = aws_db_parameter_group.this.family == "postgres16" && aws_db_instance.this.engine_version == "16.4"
    error_message = "The parameters are those of the major version."
  }

  assert {
    condition     = { for name, rule in aws_vpc_security_group_ingress_rule.this : name => rule.referenced_security_group_id }.bastion == "sg-1"
    error_message = "A group that is named is let in."
  }
}

run "what_is_refused" {
  command = plan

  module { source = "./modules/database" }

  variables {
    subnet_ids                = ["subnet-1", "subnet-1"]
    engine_version            = "15.8"
    instance_class            = "t4g.small"
    storage_gb                = 5
    port                      = 22
    backup_retention_days     = 0
    client_security_group_ids = { clients = "sg-1" }
  }

  expect_failures = [
    var.subnet_ids,
    var.engine_version,
    var.instance_class,
    var.storage_gb,
    var.port,
    var.backup_retention_days,
    var.client_security_group_ids,
  ]
}
