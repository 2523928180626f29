# A lakeFS server with private addresses: containers on Fargate behind an internal load balancer. What it keeps beside objects
# lies in a PostgreSQL server, whose address and password come by a secret, as the keys do. Set up before its port is open:
# until a lakeFS has its first user, whoever reaches it may become that.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  name      = "${var.name_prefix}-lakefs"
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition

  port    = 8000
  cache   = "/home/lakefs/lakefs"
  volumes = { cache = local.cache, tmp = "/tmp" }

  # lakeFS names them by LAKEFS_ and the path of the setting: tests/infra/lakefs_settings.txt.
  settings = {
    LAKEFS_DATABASE_TYPE                          = "postgres"
    LAKEFS_BLOCKSTORE_TYPE                        = "s3"
    LAKEFS_BLOCKSTORE_S3_REGION                   = var.region
    LAKEFS_BLOCKSTORE_DEFAULT_NAMESPACE_PREFIX    = "s3://${var.lake_bucket}"
    LAKEFS_COMMITTED_LOCAL_CACHE_DIR              = "${local.cache}/cache"
    LAKEFS_COMMITTED_LOCAL_CACHE_SIZE_BYTES       = tostring(4 * 1024 * 1024 * 1024)
    LAKEFS_GRAVELER_BRANCH_OWNERSHIP_ENABLED      = "true" # Else merges into one branch starve each other.
    LAKEFS_DATABASE_POSTGRES_MAX_OPEN_CONNECTIONS = "25"
    LAKEFS_LOGGING_FORMAT                         = "json"
    LAKEFS_LOGGING_AUDIT_LOG_LEVEL                = "INFO" # Else requests are logged at DEBUG, which is not shown.
    LAKEFS_LISTEN_ADDRESS                         = "0.0.0.0:${local.port}"
    LAKEFS_STATS_ENABLED                          = "false"
    LAKEFS_EMAIL_SUBSCRIPTION_ENABLED             = "false"
    LAKEFS_SECURITY_CHECK_LATEST_VERSION          = "false"
  }

  # They stay as they are: with another encryption key it cannot read its users' keys any more, and with another
  # signing key it refuses addresses that it gave out.
  secrets = {
    LAKEFS_DATABASE_POSTGRES_CONNECTION_STRING = "${var.server_secret_arn}:connection_string::"
    LAKEFS_AUTH_ENCRYPT_SECRET_KEY             = "${var.server_secret_arn}:auth_encrypt_secret_key::"
    LAKEFS_BLOCKSTORE_SIGNING_SECRET_KEY       = "${var.server_secret_arn}:blockstore_signing_secret_key::"
  }

  # Not settings: the arguments of `lakefs setup`, which alone takes a key pair of one's own where the database is PostgreSQL.
  key_pair = {
    SETUP_ACCESS_KEY_ID     = "${var.credentials_secret_arn}:access_key_id::"
    SETUP_SECRET_ACCESS_KEY = "${var.credentials_secret_arn}:secret_access_key::"
  }

  # `lakefs setup` prints the key pair, and ends with 1 where it was done before. Volumes begin as root's.
  set_up = <<-EOT
    set -e
    chmod 1777 ${join(" ", values(local.volumes))}
    said=$(/app/lakefs setup --user-name lakeloop --access-key-id "$SETUP_ACCESS_KEY_ID" --secret-access-key "$SETUP_SECRET_ACCESS_KEY") && exit 0
    case "$said" in
      *"already complete"*) exit 0 ;;
      *) printf '%s\n' "$said" | grep -E '^(Failed|KV params|Setup failed)'; exit 1 ;;
    esac
  EOT

  container = {
    image                  = var.image
    readonlyRootFilesystem = true
    environment            = [for name in sort(keys(local.settings)) : { name = name, value = local.settings[name] }]
    mountPoints            = [for volume, path in local.volumes : { sourceVolume = volume, containerPath = path, readOnly = false }]
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.this.name
        awslogs-region        = var.region
        awslogs-stream-prefix = "lakefs"
      }
    }
  }

  containers = [
    merge(local.container, {
      name       = "setup"
      essential  = false
      user       = "0"
      entryPoint = ["/bin/sh", "-c"]
      command    = [local.set_up]
      secrets    = [for name, from in merge(local.secrets, local.key_pair) : { name = name, valueFrom = from }]
    }),
    merge(local.container, {
      name         = "lakefs"
      essential    = true
      command      = ["run"]
      secrets      = [for name, from in local.secrets : { name = name, valueFrom = from }]
      dependsOn    = [{ containerName = "setup", condition = "SUCCESS" }]
      portMappings = [{ containerPort = local.port, hostPort = local.port, protocol = "tcp" }]
      stopTimeout  = 60
    }),
  ]
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/ecs/${local.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn

  tags = var.tags
}

resource "aws_ecs_cluster" "this" {
  name = local.name

  setting {
    name  = "containerInsights"
    value = "enabled"
  }

  tags = var.tags
}

resource "aws_ecs_task_definition" "this" {
  family                   = local.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = tostring(var.cpu)
  memory                   = tostring(var.memory_mb)
  execution_role_arn       = aws_iam_role.this["execution"].arn
  task_role_arn            = aws_iam_role.this["task"].arn
  container_definitions    = jsonencode(local.containers)

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture
  }

  dynamic "volume" {
    for_each = local.volumes

    content {
      name = volume.key
    }
  }

  tags = var.tags

  # Who it runs as may do what it needs from the first task on.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_ecs_service" "this" {
  name            = local.name
  cluster         = aws_ecs_cluster.this.id
  task_definition = aws_ecs_task_definition.this.arn
  desired_count   = var.tasks
  launch_type     = "FARGATE"
  propagate_tags  = "SERVICE"

  # What calls the server comes after it: an apply goes on once tasks answer, and fails where they never do.
  wait_for_steady_state             = true
  health_check_grace_period_seconds = 120

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [aws_security_group.this["server"].id, var.database_clients_security_group_id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.this.arn
    container_name   = "lakefs"
    container_port   = local.port
  }

  tags = var.tags

  depends_on = [
    aws_lb_listener.this,
    aws_vpc_security_group_egress_rule.balancer,
    aws_vpc_security_group_egress_rule.server,
    aws_vpc_security_group_ingress_rule.server,
  ]
}
