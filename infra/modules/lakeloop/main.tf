# The loop. A file dropped at landing/incoming wakes transform_data; the data it commits wakes start_tuning; the end of a
# tuning job wakes evaluate_model, and start_tuning for what came meanwhile; evaluate_model has the model scored beside the
# one that serves, which the end of a transform tells it of, and registers it with a verdict; an approved version wakes
# deploy_model, as an endpoint does that has changed; predict answers the API from the endpoint that deploy_model keeps.
# Where a changed contract wants other features, start_tuning wakes remake_features, which wakes it when they are there. By
# the clock reconcile_landing looks whether main has what was landed, and sends transform_data what S3 did not tell of;
# compact puts small packs of rows together; advance_splits moves rows to where the borders of a split by time are now, and
# wakes start_tuning, which looks by itself whether a model is too old; reconcile wakes whoever an event did not tell of its
# work. replay_landing is transform_data's code on a queue of its own: people send it landed files again, and live ones never
# wait behind those.
#
#   landing/incoming --> [transform_data] --> [start_tuning] --> tuning job --> [evaluate_model] --> model registry
#                                                   ^-----------------'                                     |
#                                                               endpoint <-- [deploy_model] <---------------'
#   caller --> API Gateway --> predict --> endpoint
#                                 '--> [capture_predictions] --> captures: online.tf
#
# Each [step] is a topic, a queue, a dead-letter queue and a function: modules/event_chain.

locals {
  # How each step of the loop runs. Who wakes it: ARNs of buckets, EventBridge rules or the roles of functions.
  steps = {
    transform_data = {
      description = "Checks a landed file and commits it to the lake"
      publishers = {
        bucket_arns = var.landing_bucket == null ? [local.bucket_arns.landing] : []
        rule_arns   = var.landing_bucket == null ? [] : ["${local.rule_arn_prefix}-landed"]
        role_arns   = ["${local.role_arn_prefix}-reconcile-landing"]
      }
      layers               = ["lakeloop", "runtime", "lake", "data"]
      timeout_seconds      = 300
      memory_mb            = 3008 # The most that a young account is given.
      ephemeral_storage_mb = 4096
      # Many files make one commit: lakeFS takes three to eight ingests a second into one repository, and each of them
      # reads and writes up to 256 parts of the index. No more than these: a commit tells of each, in half a kilobyte.
      batch_size           = 250
      batch_window_seconds = 2
    }
    replay_landing = {
      description          = "Checks landed files again and commits them to the lake"
      code                 = "transform_data"
      publishers           = { account = true }
      layers               = ["lakeloop", "runtime", "lake", "data"]
      timeout_seconds      = 300
      memory_mb            = 3008
      ephemeral_storage_mb = 4096
      batch_size           = 100
      batch_window_seconds = 2
    }
    start_tuning = {
      description = "Starts tuning on a commit when enough rows are new"
      publishers = {
        account   = true
        role_arns = [for name in ["advance-splits", "monitor", "reconcile", "remake-features", "replay-landing", "start-tuning", "transform-data"] : "${local.role_arn_prefix}-${name}"]
        rule_arns = ["${local.rule_arn_prefix}-tuning-state", "${local.rule_arn_prefix}-retrain"]
      }
      layers               = ["lakeloop", "runtime", "lake", "data"]
      timeout_seconds      = 60
      memory_mb            = 1024 # The index of 100,000 files takes a quarter of it.
      ephemeral_storage_mb = 512
      batch_size           = 10
      batch_window_seconds = 0
    }
    remake_features = {
      description          = "Makes the features of a changed contract from the rows in the lake"
      publishers           = { role_arns = ["${local.role_arn_prefix}-start-tuning"] }
      layers               = ["lakeloop", "runtime", "lake", "data"]
      timeout_seconds      = 900
      memory_mb            = 3008
      ephemeral_storage_mb = 2048
      batch_size           = 1
      batch_window_seconds = 0
    }
    reconcile_landing = {
      description = "Compares the landing bucket with main, and sends what no event told of"
      publishers = {
        account   = true
        role_arns = ["${local.role_arn_prefix}-reconcile-landing"]
        rule_arns = ["${local.rule_arn_prefix}-reconcile-landing"]
      }
      layers               = ["lakeloop", "runtime", "lake"]
      timeout_seconds      = 300
      memory_mb            = 1024 # The index of 100,000 files takes a quarter of it.
      ephemeral_storage_mb = 512
      batch_size           = 1
      batch_window_seconds = 0
    }
    compact = {
      description = "Puts small packs of rows together where they are many"
      publishers = {
        account   = true
        role_arns = ["${local.role_arn_prefix}-compact"]
        rule_arns = ["${local.rule_arn_prefix}-compact"]
      }
      layers               = ["lakeloop", "runtime", "lake", "data"]
      timeout_seconds      = 900
      memory_mb            = 3008
      ephemeral_storage_mb = 4096 # The rows of a full pack and their features, each in parts and whole.
      batch_size           = 1
      batch_window_seconds = 0
    }
    advance_splits = {
      description = "Moves rows to the splits that the borders of a split by time give them"
      publishers = {
        role_arns = ["${local.role_arn_prefix}-advance-splits"]
        rule_arns = ["${local.rule_arn_prefix}-advance-splits"]
      }
      layers               = ["lakeloop", "runtime", "lake", "data"]
      timeout_seconds      = 900
      memory_mb            = 3008
      ephemeral_storage_mb = 4096
      batch_size           = 1
      batch_window_seconds = 0
    }
    evaluate_model = {
      description = "Has the model of a tuning job scored and judged beside the one that serves, and registers it"
      publishers = {
        role_arns = [for name in ["deploy-model", "reconcile"] : "${local.role_arn_prefix}-${name}"]
        rule_arns = [for name in ["transform-state", "tuning-state"] : "${local.rule_arn_prefix}-${name}"]
      }
      layers               = ["lakeloop", "runtime", "lake", "data"]
      timeout_seconds      = 900
      memory_mb            = 3008 # A million test rows with their scores, and what the rule makes of them.
      ephemeral_storage_mb = 2048
      batch_size           = 1
      batch_window_seconds = 0
    }
    reconcile = {
      description = "Looks at what no event told of between data and endpoint, and has it done"
      publishers = {
        account   = true
        role_arns = ["${local.role_arn_prefix}-reconcile"]
        rule_arns = ["${local.rule_arn_prefix}-reconcile"]
      }
      layers               = ["lakeloop", "runtime", "lake"]
      timeout_seconds      = 120
      memory_mb            = 512
      ephemeral_storage_mb = 512
      batch_size           = 1
      batch_window_seconds = 0
    }
    deploy_model = {
      description = "Brings the approved version of a model behind the dataset's endpoint"
      publishers = {
        account   = true
        role_arns = ["${local.role_arn_prefix}-reconcile"]
        rule_arns = [for name in keys(local.state_changes) : "${local.rule_arn_prefix}-${name}" if contains(["endpoint", "package"], split("-", name)[0])]
      }
      layers               = ["lakeloop", "runtime"]
      timeout_seconds      = 60
      memory_mb            = 512
      ephemeral_storage_mb = 512
      batch_size           = 10
      batch_window_seconds = 0
    }
  }

  chains = merge(local.steps, local.online_chains, { for name, chain in local.tracking_chains : name => chain if local.tracked })
}

module "encryption" {
  source = "../encryption"

  name_prefix          = local.name_prefix
  region               = local.region
  key_arn              = var.kms_key_arn
  deletion_window_days = var.force_destroy ? 7 : 30
  lakefs_role_arn      = var.lakefs_role_arn

  tags = local.tags
}

module "storage" {
  source = "../storage"

  buckets         = local.own_buckets
  kms_key_arn     = module.encryption.key_arn
  lakefs_role_arn = var.lakefs_role_arn
  force_destroy   = var.force_destroy

  capture_retention_days = var.capture_retention_days

  tags = local.tags
}

module "lakefs" {
  source = "../lakefs"

  name_prefix          = local.name_prefix
  credentials          = var.lakefs_credentials
  credentials_version  = var.lakefs_credentials_version
  kms_key_arn          = module.encryption.key_arn
  recovery_window_days = var.force_destroy ? 0 : 30

  tags = local.tags
}

module "sagemaker" {
  source = "../sagemaker"

  name_prefix          = local.name_prefix
  region               = local.region
  lake_bucket_arn      = local.bucket_arns.lake
  artifacts_bucket_arn = local.bucket_arns.artifacts
  endpoint_names       = local.endpoint_names
  kms_key_arn          = module.encryption.key_arn
  log_retention_days   = var.log_retention_days

  permissions_boundary_arn = var.permissions_boundary_arn

  tags = local.tags
}

module "event_chain" {
  source   = "../event_chain"
  for_each = local.chains

  name        = each.key
  name_prefix = local.name_prefix
  region      = local.region
  publishers  = each.value.publishers

  function = merge(local.deployed[each.key], {
    environment = merge(local.deployed[each.key].environment, { CONTRACTS_INDEX = local.approved_index })
  })

  batch_size           = each.value.batch_size
  batch_window_seconds = each.value.batch_window_seconds
  kms_key_arn          = module.encryption.key_arn
  log_retention_days   = var.log_retention_days
  alarm_topic_arn      = var.alarm_topic_arn

  # On destroy nothing may make an endpoint after the last was deleted.
  consume_after = aws_lambda_invocation.reap_endpoints.id

  permissions_boundary_arn = var.permissions_boundary_arn

  tags = local.tags
}

# landing/incoming --> transform_data
resource "aws_s3_bucket_notification" "landing" {
  count = var.landing_bucket == null ? 1 : 0

  bucket = module.storage.names.landing

  topic {
    id            = "transform-data"
    topic_arn     = module.event_chain["transform_data"].topic_arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = "incoming/"
  }

  # On destroy no file may begin anew what is being taken away.
  depends_on = [aws_lambda_invocation.reap_endpoints]
}

# caller --> API Gateway --> predict, record_feedback
module "api" {
  source = "../api"

  name_prefix        = local.name_prefix
  functions          = { for name in ["predict", "record_feedback"] : name => { name = module.function[name].name, alias = module.function[name].alias } }
  throttle           = var.api_throttle
  keys               = var.api_keys
  public             = local.has_public_columns
  cors_origins       = var.api_cors_origins
  domain             = var.api_domain
  logs_role_name     = coalesce(var.api_logs_role_name, "lakeloop-api-gateway-logs-${local.region}")
  kms_key_arn        = module.encryption.key_arn
  log_retention_days = var.log_retention_days
  alarm_topic_arn    = var.alarm_topic_arn

  tags = local.tags
}
