output "secret_arn" {
  description = "ARN of the secret, once it holds the key pair."
  value       = aws_secretsmanager_secret.this.arn

  depends_on = [aws_secretsmanager_secret_version.this]
}
