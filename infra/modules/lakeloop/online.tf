# What flows back: answered predictions are kept, and labels that come for them become rows.
#
#   predict --> [capture_predictions] --> captures
#   caller --> API Gateway --> record_feedback --> captures/feedback
#   clock --> [join_feedback] --> landing/incoming/<dataset>/feedback
#   clock --> [monitor] --> start_tuning, where inputs drift or answers decay

locals {
  online_chains = {
    capture_predictions = {
      description = "Keeps answered predictions as Parquet, many of them together"
      publishers = {
        account   = true # What was kept once can be told again by a person.
        role_arns = ["${local.role_arn_prefix}-predict"]
      }
      layers               = ["lakeloop", "runtime", "data"]
      timeout_seconds      = 60
      memory_mb            = 1024
      ephemeral_storage_mb = 512
      # One object a delivery: few large ones are read faster than many small ones.
      batch_size           = 1000
      batch_window_seconds = 20
    }
    join_feedback = {
      description = "Makes rows of predictions and the labels that came for them, and drops them as files"
      publishers = {
        account   = true
        role_arns = ["${local.role_arn_prefix}-join-feedback"]
        rule_arns = ["${local.rule_arn_prefix}-join-feedback"]
      }
      layers               = ["lakeloop", "runtime", "data"]
      timeout_seconds      = 900
      memory_mb            = 3008 # The captures of the fullest hour.
      ephemeral_storage_mb = 512
      batch_size           = 1
      batch_window_seconds = 0
    }
    monitor = {
      description = "Compares predictions with what their model learned from, and with the labels that came for them"
      publishers = {
        account   = true
        role_arns = ["${local.role_arn_prefix}-monitor"]
        rule_arns = ["${local.rule_arn_prefix}-monitor"]
      }
      layers               = ["lakeloop", "runtime", "lake", "data"]
      timeout_seconds      = 900
      memory_mb            = 3008 # The rows that a model learned from, once, and an object of captures at a time.
      ephemeral_storage_mb = 2048
      batch_size           = 1
      batch_window_seconds = 0
    }
  }

  hash_statements = [for key in aws_kms_key.hashing : {
    Sid      = "HashSensitiveValues"
    Action   = ["kms:GenerateMac"]
    Resource = [key.arn]
  }]

  online_statements = {
    record_feedback = [
      local.read_contracts,
      local.list_artifacts,
      {
        Sid      = "KeepLabels"
        Action   = ["s3:PutObject"]
        Resource = ["${local.bucket_arns.captures}/feedback/*"]
      },
      local.list_captures,
    ]

    join_feedback = concat(local.chain_statements.join_feedback, local.use_landing_key.write, [
      {
        Sid      = "ReadPredictionsAndLabels"
        Action   = ["s3:GetObject"]
        Resource = [for folder in ["captures", "feedback", "joined"] : "${local.bucket_arns.captures}/${folder}/*"]
      },
      local.list_captures,
      {
        Sid      = "KeepWhatWasJoined"
        Action   = ["s3:PutObject"]
        Resource = ["${local.bucket_arns.captures}/joined/*"]
      },
      {
        Sid      = "DropRows"
        Action   = ["s3:PutObject"]
        Resource = ["${local.bucket_arns.landing}/incoming/*/feedback/*"]
      },
      local.ask_for_the_rest.join_feedback,
    ])

    monitor = concat(local.chain_statements.monitor, [
      local.read_lakefs_key,
      local.read_contracts_of_models,
      local.see_placements,
      local.see_what_serves,
      local.tell_start_tuning,
      local.ask_for_the_rest.monitor,
      local.write_reports,
      {
        Sid      = "ReadPredictionsAndLabels"
        Action   = ["s3:GetObject"]
        Resource = [for folder in ["captures", "feedback", "monitored"] : "${local.bucket_arns.captures}/${folder}/*"]
      },
      local.list_captures,
      {
        Sid      = "KeepWhatItKnows"
        Action   = ["s3:PutObject"]
        Resource = ["${local.bucket_arns.captures}/monitored/*"]
      },
      {
        Sid      = "ReadWhatModelsPromised"
        Action   = ["s3:GetObject"]
        Resource = ["${local.bucket_arns.artifacts}/evaluations/*/scores.parquet"]
      },
    ])

    # It keeps whatever it is told, by no contract.
    capture_predictions = concat([for one in local.chain_statements.capture_predictions : one if one.Sid != "ReadContracts"], [
      {
        Sid      = "ReadLargePredictions"
        Action   = ["s3:GetObject"]
        Resource = ["${local.bucket_arns.captures}/large/*"]
      },
      {
        Sid      = "KeepPredictions"
        Action   = ["s3:PutObject"]
        Resource = ["${local.bucket_arns.captures}/captures/*"]
      },
      local.list_captures,
    ])
  }

  # How predictions of each dataset are kept; what a contract leaves out has its default.
  capture = { for name, contract in local.contracts : name => try(contract.capture, {}) }
  hashes  = anytrue([for capture in values(local.capture) : try(capture.sensitive, "omit") == "hash"])

  # A label cannot come for a prediction that is gone.
  join_days = { for name, capture in local.capture : name => try(capture.join_days, 30) }
}

# What sensitive values are hashed under where a contract asks for that. It never leaves KMS: predict has it make one value,
# from which that process hashes.
resource "aws_kms_key" "hashing" {
  #checkov:skip=CKV_AWS_7:KMS rotates no HMAC keys, and under another one equal values could not be told any longer
  count = local.hashes ? 1 : 0

  description              = "Hashes sensitive values of ${local.name_prefix} where predictions are kept"
  key_usage                = "GENERATE_VERIFY_MAC"
  customer_master_key_spec = "HMAC_256"
  deletion_window_in_days  = var.force_destroy ? 7 : 30
  tags                     = local.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AccountDecidesByIam"
      Effect    = "Allow"
      Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

resource "terraform_data" "join_days" {
  input = local.join_days

  lifecycle {
    precondition {
      condition     = alltrue([for days in values(local.join_days) : days < var.capture_retention_days])
      error_message = "Predictions are kept for ${var.capture_retention_days} days (capture_retention_days), and a contract joins labels for longer: ${join(", ", [for name, days in local.join_days : "${name} ${days}" if days >= var.capture_retention_days])}. Raise capture_retention_days or lower capture.join_days."
    }
  }
}
