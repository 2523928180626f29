# The buckets: landing (files as dropped), lake (objects behind lakeFS), artifacts (what the functions write) and captures
# (answered predictions and their labels, for a time).

locals {
  # What lakeFS asks of the bucket behind it (its documentation, "S3 storage permissions").
  lakefs_statements = {
    landing   = []
    artifacts = []
    captures  = []
    lake = var.lakefs_role_arn == null ? [] : [
      {
        Sid       = "LakefsServerObjects"
        Effect    = "Allow"
        Principal = { AWS = var.lakefs_role_arn }
        Action    = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
        Resource  = ["arn:${data.aws_partition.current.partition}:s3:::${var.buckets.lake}/*"]
      },
      {
        Sid       = "LakefsServerBucket"
        Effect    = "Allow"
        Principal = { AWS = var.lakefs_role_arn }
        Action    = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
        Resource  = ["arn:${data.aws_partition.current.partition}:s3:::${var.buckets.lake}"]
      },
    ]
  }
}

data "aws_partition" "current" {}

locals {
  # Predictions and labels are kept for a time, and what Athena answered: it can be asked again.
  forgotten = {
    landing   = []
    lake      = []
    captures  = [{ id = "forget", prefix = "", days = var.capture_retention_days }]
    artifacts = [{ id = "forget-answers", prefix = "athena/", days = 30 }]
  }

  # Where a version that was replaced or deleted goes away. A function that is set back reads the versions of contracts/ that
  # it was told of, so those stay; a rule of S3 cannot leave a prefix out, so in that bucket all others are listed.
  replaceable = {
    landing   = [""]
    lake      = [""]
    captures  = [""]
    artifacts = ["athena/", "failures/", "functions/", "layers/", "leases/", "manifests/", "quarantine/", "started/", "state/", "training/"]
  }
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:Object access is recorded by CloudTrail data events, an account-wide setting; server access logs would need a fourth bucket
  #checkov:skip=CKV_AWS_144:One region by design; files can be dropped again and lakeFS keeps every version of the data
  #checkov:skip=CKV2_AWS_62:Only the landing bucket wakes anything; its notification is in the root module
  for_each = var.buckets

  bucket        = each.value
  force_destroy = var.force_destroy

  tags = var.tags
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = aws_s3_bucket.this

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = aws_s3_bucket.this

  # S3 refuses a rule on noncurrent versions before versioning is on.
  bucket = aws_s3_bucket_versioning.this[each.key].bucket

  rule {
    id     = "tidy"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }

    # What is left of a deleted object when its last version is gone; a listing still walks over it.
    expiration {
      expired_object_delete_marker = true
    }
  }

  dynamic "rule" {
    for_each = local.forgotten[each.key]

    content {
      id     = rule.value.id
      status = "Enabled"

      filter {
        prefix = rule.value.prefix
      }

      expiration {
        days = rule.value.days
      }
    }
  }

  dynamic "rule" {
    for_each = local.replaceable[each.key]

    content {
      id     = "forget-replaced${rule.value == "" ? "" : "-${trimsuffix(rule.value, "/")}"}"
      status = "Enabled"

      filter {
        prefix = rule.value
      }

      noncurrent_version_expiration {
        noncurrent_days = var.noncurrent_days
      }
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.lakefs_statements[each.key], [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [each.value.arn, "${each.value.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }])
  })

  # S3 answers 409 to two changes of a bucket's access rules at once.
  depends_on = [aws_s3_bucket_public_access_block.this]
}
