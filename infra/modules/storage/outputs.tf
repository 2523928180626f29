output "names" {
  description = "Bucket names by role, once the bucket is encrypted, private and versioned."
  value       = { for role, bucket in aws_s3_bucket.this : role => bucket.bucket }

  depends_on = [
    aws_s3_bucket_ownership_controls.this,
    aws_s3_bucket_policy.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
    aws_s3_bucket_versioning.this,
  ]
}
