# What those functions may do that bring data to the lake and keep it in order.

locals {
  ingest_statements = concat(local.use_landing_key.read, [
    local.read_lakefs_key,
    {
      Sid      = "ReadLandedFiles"
      Action   = ["s3:GetObject", "s3:GetObjectVersion"]
      Resource = ["${local.bucket_arns.landing}/incoming/*"]
    },
    {
      Sid      = "ListLandedFiles"
      Action   = ["s3:ListBucket", "s3:ListBucketVersions"]
      Resource = [local.bucket_arns.landing]
    },
    {
      Sid      = "QuarantineRows"
      Action   = ["s3:DeleteObject", "s3:PutObject"]
      Resource = ["${local.bucket_arns.artifacts}/quarantine/*"]
    },
    local.tell_start_tuning,
  ])

  # A bucket of your own may have a key of its own, by which files are read and dropped.
  use_landing_key = { for to, action in { read = "kms:Decrypt", write = "kms:GenerateDataKey" } : to => [for key in local.landing_keys : {
    Sid      = "UseKeyOfLandingBucket"
    Action   = [action]
    Resource = [key]
  }] }
  landing_keys = compact([try(var.landing_bucket.kms_key_arn, null)])

  lake_statements = {
    transform_data = concat(local.chain_statements.transform_data, local.ingest_statements)

    replay_landing = concat(local.chain_statements.replay_landing, local.ingest_statements)

    remake_features = concat(local.chain_statements.remake_features, [local.read_lakefs_key, local.tell_start_tuning])

    reconcile_landing = concat(local.chain_statements.reconcile_landing, [
      local.read_lakefs_key,
      {
        Sid      = "ListLandedFiles"
        Action   = ["s3:ListBucketVersions"]
        Resource = [local.bucket_arns.landing]
      },
      {
        Sid    = "SeeWhatBecameOfFiles"
        Action = ["s3:GetObject"]
        Resource = [
          "${local.bucket_arns.artifacts}/quarantine/*",
          "${local.bucket_arns.artifacts}/failures/replay_landing/*",
          "${local.bucket_arns.artifacts}/failures/transform_data/*",
        ]
      },
      {
        Sid      = "KeepFindings"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = ["${local.bucket_arns.artifacts}/reconciled/*"]
      },
      local.write_reports,
      {
        Sid      = "TellOfLandedFiles"
        Action   = ["sns:Publish"]
        Resource = [local.topic_arns.transform_data, local.topic_arns.reconcile_landing]
      },
    ])

    advance_splits = concat(local.chain_statements.advance_splits, [
      local.read_lakefs_key,
      local.tell_start_tuning,
      local.keep_reports,
      local.ask_for_the_rest.advance_splits,
    ])

    compact = concat(local.chain_statements.compact, [
      local.read_lakefs_key,
      local.keep_reports,
      local.ask_for_the_rest.compact,
    ])

    bootstrap_lake = [
      local.read_lakefs_key,
      local.read_contracts,
      local.list_artifacts,
      {
        Sid      = "ApproveContracts"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = ["${local.bucket_arns.artifacts}/contracts/approved/*"]
      },
    ]
  }
}
