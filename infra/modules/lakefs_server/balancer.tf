# The way to the server, from the security groups that are named and from nowhere else.

locals {
  listener = var.domain == null ? { port = local.port, protocol = "HTTP" } : { port = 443, protocol = "HTTPS" }
  endpoint = var.domain == null ? "http://${aws_lb.this.dns_name}:${local.port}" : "https://${var.domain.name}"
}

resource "aws_lb" "this" {
  #checkov:skip=CKV_AWS_91:lakeFS logs each request itself, with who made it
  #checkov:skip=CKV_AWS_150:It holds nothing: what must not go by accident is database and bucket
  name               = local.name
  internal           = true
  load_balancer_type = "application"
  subnets            = var.subnet_ids
  security_groups    = [aws_security_group.this["balancer"].id]

  # Merges of much take longer than the minute that is usual.
  idle_timeout               = 300
  drop_invalid_header_fields = true

  tags = var.tags
}

resource "aws_lb_target_group" "this" {
  name                 = local.name
  vpc_id               = var.vpc_id
  target_type          = "ip"
  protocol             = "HTTP"
  port                 = local.port
  deregistration_delay = 60

  health_check {
    path                = "/_health"
    matcher             = "200"
    interval            = 15
    healthy_threshold   = 2
    unhealthy_threshold = 4
  }

  tags = var.tags
}

resource "aws_lb_listener" "this" {
  load_balancer_arn = aws_lb.this.arn
  port              = local.listener.port
  protocol          = local.listener.protocol
  certificate_arn   = try(var.domain.certificate_arn, null)
  ssl_policy        = var.domain == null ? null : "ELBSecurityPolicy-TLS13-1-2-2021-06"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }

  tags = var.tags
}

resource "aws_route53_record" "this" {
  count = var.domain == null ? 0 : 1

  zone_id = var.domain.zone_id
  name    = var.domain.name
  type    = "A"

  alias {
    name                   = aws_lb.this.dns_name
    zone_id                = aws_lb.this.zone_id
    evaluate_target_health = false
  }
}

resource "aws_security_group" "this" {
  for_each = { balancer = "Who reaches ${local.name}", server = "What ${local.name} reaches beside its database" }

  name        = "${local.name}-${each.key}"
  description = each.value
  vpc_id      = var.vpc_id

  tags = merge(var.tags, { Name = "${local.name}-${each.key}" })
}

resource "aws_vpc_security_group_ingress_rule" "balancer" {
  for_each = var.client_security_group_ids

  security_group_id            = aws_security_group.this["balancer"].id
  description                  = "lakeFS from ${each.key}"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = local.listener.port
  to_port                      = local.listener.port

  tags = var.tags
}

resource "aws_vpc_security_group_egress_rule" "balancer" {
  security_group_id            = aws_security_group.this["balancer"].id
  description                  = "The containers"
  referenced_security_group_id = aws_security_group.this["server"].id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port

  tags = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "server" {
  security_group_id            = aws_security_group.this["server"].id
  description                  = "The load balancer"
  referenced_security_group_id = aws_security_group.this["balancer"].id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port

  tags = var.tags
}

# S3 answers at addresses that change, and so do registries.
resource "aws_vpc_security_group_egress_rule" "server" {
  security_group_id = aws_security_group.this["server"].id
  description       = "S3, the registry, Secrets Manager and CloudWatch Logs"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = var.tags
}
