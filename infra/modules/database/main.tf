# A PostgreSQL server for lakeFS and for what else keeps its state in one: RDS with private addresses, TLS only, its master
# password in a secret that RDS makes and rotates. Who may speak to it has the group `clients`, or is named.

data "aws_partition" "current" {}

locals {
  name  = "${var.name_prefix}-database"
  major = split(".", var.engine_version)[0]

  logs = ["postgresql", "upgrade"]

  # A statement that changes roles or tables is logged as it came: passwords are to be sent as SCRAM verifiers.
  parameters = {
    "rds.force_ssl"            = "1"
    log_statement              = "ddl"
    log_min_duration_statement = "1000"
    log_connections            = "1"
    log_disconnections         = "1"
    log_lock_waits             = "1"
  }

  admitted = merge({ clients = aws_security_group.clients.id }, var.client_security_group_ids)
}

resource "aws_db_subnet_group" "this" {
  name        = local.name
  description = "Private subnets of ${local.name}"
  subnet_ids  = var.subnet_ids

  tags = var.tags
}

resource "aws_db_parameter_group" "this" {
  name        = "${local.name}-postgres${local.major}"
  family      = "postgres${local.major}"
  description = "TLS forced, changes and slow statements logged: ${local.name}"

  dynamic "parameter" {
    for_each = local.parameters

    content {
      name  = parameter.key
      value = parameter.value
    }
  }

  tags = var.tags

  # Another major version has another family.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(local.logs)

  name              = "/aws/rds/instance/${local.name}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn

  tags = var.tags
}

resource "aws_db_instance" "this" {
  identifier     = local.name
  engine         = "postgres"
  engine_version = var.engine_version
  instance_class = var.instance_class

  username                      = "lakeloop_master"
  manage_master_user_password   = true
  master_user_secret_kms_key_id = var.kms_key_arn
  port                          = var.port

  storage_type          = "gp3"
  allocated_storage     = var.storage_gb
  max_allocated_storage = var.storage_gb * 5
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn

  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [aws_security_group.this.id]
  publicly_accessible    = false
  multi_az               = var.multi_az
  ca_cert_identifier     = "rds-ca-rsa2048-g1"
  parameter_group_name   = aws_db_parameter_group.this.name

  # People come in by IAM, where somebody grants a role of theirs `rds_iam`; nobody has it by this.
  iam_database_authentication_enabled = true

  backup_retention_period   = var.backup_retention_days
  copy_tags_to_snapshot     = true
  deletion_protection       = var.deletion_protection
  delete_automated_backups  = false
  skip_final_snapshot       = !var.deletion_protection
  final_snapshot_identifier = coalesce(var.final_snapshot_name, "${local.name}-final")

  auto_minor_version_upgrade      = true
  allow_major_version_upgrade     = false
  enabled_cloudwatch_logs_exports = local.logs
  performance_insights_enabled    = true
  performance_insights_kms_key_id = var.kms_key_arn
  monitoring_interval             = 60
  monitoring_role_arn             = aws_iam_role.monitoring.arn

  tags = var.tags

  # RDS makes the groups itself where they are not there, without a key and for ever.
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy_attachment.monitoring]
}

# As which RDS tells CloudWatch how the machine is.
resource "aws_iam_role" "monitoring" {
  name                 = "${local.name}-monitoring"
  description          = "What RDS may do to tell of ${local.name}"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "monitoring.rds.amazonaws.com" }
    }]
  })

  tags = var.tags
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

resource "aws_security_group" "this" {
  name        = local.name
  description = "Who reaches ${local.name}"
  vpc_id      = var.vpc_id

  tags = merge(var.tags, { Name = local.name })
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = local.admitted

  security_group_id            = aws_security_group.this.id
  description                  = "PostgreSQL from ${each.key}"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = var.port
  to_port                      = var.port

  tags = var.tags
}

resource "aws_security_group" "clients" {
  #checkov:skip=CKV2_AWS_5:The servers that the caller of this module makes have it
  name        = "${local.name}-clients"
  description = "Reaches ${local.name}, and nothing else"
  vpc_id      = var.vpc_id

  tags = merge(var.tags, { Name = "${local.name}-clients" })
}

resource "aws_vpc_security_group_egress_rule" "clients" {
  security_group_id            = aws_security_group.clients.id
  description                  = "PostgreSQL at ${local.name}"
  referenced_security_group_id = aws_security_group.this.id
  ip_protocol                  = "tcp"
  from_port                    = var.port
  to_port                      = var.port

  tags = var.tags
}
