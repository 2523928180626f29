# How the functions reach lakeFS: its key pair, in a secret that only they can read.

resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57:lakeFS hands out key pairs itself; a new one is written by raising credentials_version
  name                    = "${var.name_prefix}-lakefs"
  description             = "lakeFS key pair of ${var.name_prefix}"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.recovery_window_days

  tags = var.tags
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id = aws_secretsmanager_secret.this.id

  secret_string_wo         = jsonencode(var.credentials)
  secret_string_wo_version = var.credentials_version
}
