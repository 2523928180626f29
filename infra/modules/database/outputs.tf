output "address" {
  description = "Name at which the server answers, in its VPC alone."
  value       = aws_db_instance.this.address
}

output "port" {
  description = "Port of the server."
  value       = aws_db_instance.this.port
}

output "master_secret_arn" {
  description = "ARN of the secret in which RDS keeps the master's name and password, and rotates it every seven days: nothing that runs on should use it."
  value       = one(aws_db_instance.this.master_user_secret[*].secret_arn)
}

output "clients_security_group_id" {
  description = "Security group that reaches the server; what has it needs no other rule for that."
  value       = aws_security_group.clients.id

  depends_on = [aws_vpc_security_group_egress_rule.clients, aws_vpc_security_group_ingress_rule.this]
}
