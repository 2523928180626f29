# Names, and the ARNs that follow from them. The loop is a circle: each step names the next one, so ARNs are built here
# rather than read from resources that would have to wait for each other.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

# The provider's, so that no name can say another.
data "aws_region" "current" {}

locals {
  name_prefix = terraform_data.owner.input.name_prefix
  account     = terraform_data.owner.input.account
  region      = data.aws_region.current.id
  partition   = data.aws_partition.current.partition

  tags = merge(var.tags, {
    "lakeloop:environment" = local.name_prefix
    "lakeloop:region"      = local.region
    "lakeloop:version"     = local.version
  })

  datasets = keys(module.contracts.documents)
  # The models of a dataset are one group. Its endpoint is called the same; a model that reads rows otherwise than the one
  # that serves has the second endpoint, where callers are sent when it answers, and the first is free for the next one.
  group_names    = [for dataset in local.datasets : "${local.name_prefix}-${replace(dataset, "_", "-")}"]
  endpoint_names = flatten([for name in local.group_names : [name, replace(name, "/^${local.name_prefix}-/", "${local.name_prefix}--")]])

  # What is written, and what the functions are told: the same, once it is approved.
  contracts_index = "s3://${aws_s3_object.contracts_index.bucket}/${aws_s3_object.contracts_index.key}?versionId=${aws_s3_object.contracts_index.version_id}"
  approved_index  = aws_lambda_invocation.approve_contracts.id == null ? null : local.contracts_index

  lakefs_endpoint = trimsuffix(var.lakefs_endpoint, "/")

  # What built the packages wrote it beside them: the version of the code that runs.
  version_file = "${var.packages_directory}/version.txt"
  version      = fileexists(local.version_file) ? trimspace(file(local.version_file)) : "unknown"

  own_buckets = { for role in ["landing", "lake", "artifacts", "captures"] : role => "${local.name_prefix}-${role}-${local.account}" if role != "landing" || var.landing_bucket == null }
  buckets     = merge({ for bucket in data.aws_s3_bucket.landing : "landing" => bucket.bucket }, local.own_buckets)
  bucket_arns = { for role, name in local.buckets : role => "arn:${local.partition}:s3:::${name}" }

  topic_arn_prefix     = "arn:${local.partition}:sns:${local.region}:${local.account}:${local.name_prefix}"
  rule_arn_prefix      = "arn:${local.partition}:events:${local.region}:${local.account}:rule/${local.name_prefix}"
  role_arn_prefix      = "arn:${local.partition}:iam::${local.account}:role/${local.name_prefix}"
  sagemaker_arn_prefix = "arn:${local.partition}:sagemaker:${local.region}:${local.account}"

  topic_arns = { for name in keys(local.chains) : name => "${local.topic_arn_prefix}-${replace(name, "_", "-")}" }

  rules = concat(keys(local.state_changes), keys(local.schedules), [for name in keys(local.tracking_rules) : name if local.tracked], var.landing_bucket == null ? [] : ["landed"])

  # What the functions read their settings from: the variables of all, and of each.
  common_environment = {
    NAME_PREFIX                  = local.name_prefix
    ARTIFACTS_BUCKET             = local.buckets.artifacts
    GIT_SHA                      = var.git_sha
    LAKELOOP_VERSION             = local.version
    LOG_LEVEL                    = var.log_level
    POWERTOOLS_METRICS_NAMESPACE = local.name_prefix # Environments of an account count apart.
  }
  lake_environment = {
    LAKEFS_ENDPOINT   = local.lakefs_endpoint
    LAKEFS_SECRET_ARN = module.lakefs.secret_arn
  }
  model_environment = {
    XGBOOST_IMAGE      = module.sagemaker.xgboost_image
    EXECUTION_ROLE_ARN = module.sagemaker.execution_role_arn
  }
  ingest_environment = merge(local.lake_environment, {
    LANDING_BUCKET           = local.buckets.landing
    DATA_COMMITTED_TOPIC_ARN = local.topic_arns.start_tuning
    # What its disk and 60 % of its time hold, also when a file is read twice because it is quarantined whole.
    MAX_OBJECT_BYTES = tostring(2 * 1024 * 1024 * 1024)
  })
  environments = {
    transform_data = local.ingest_environment
    replay_landing = local.ingest_environment
    start_tuning = merge(local.lake_environment, local.model_environment, {
      KMS_KEY_ARN                = module.encryption.key_arn
      FEATURES_MISSING_TOPIC_ARN = local.topic_arns.remake_features
      OWN_TOPIC_ARN              = local.topic_arns.start_tuning
    })
    remake_features = merge(local.lake_environment, { DATA_COMMITTED_TOPIC_ARN = local.topic_arns.start_tuning })
    reconcile_landing = merge(local.lake_environment, {
      LANDING_BUCKET   = local.buckets.landing
      LANDED_TOPIC_ARN = local.topic_arns.transform_data
      OWN_TOPIC_ARN    = local.topic_arns.reconcile_landing
    })
    advance_splits = merge(local.lake_environment, {
      OWN_TOPIC_ARN            = local.topic_arns.advance_splits
      DATA_COMMITTED_TOPIC_ARN = local.topic_arns.start_tuning
    })
    reconcile = merge(local.lake_environment, {
      OWN_TOPIC_ARN = local.topic_arns.reconcile
      STEP_TOPIC_ARNS = jsonencode({
        start_tuning   = local.topic_arns.start_tuning
        evaluate_model = local.topic_arns.evaluate_model
        deploy_model   = local.topic_arns.deploy_model
      })
    })
    compact        = merge(local.lake_environment, { OWN_TOPIC_ARN = local.topic_arns.compact })
    evaluate_model = merge(local.lake_environment, local.model_environment, { KMS_KEY_ARN = module.encryption.key_arn })
    deploy_model = {
      EVALUATE_TOPIC_ARN = local.topic_arns.evaluate_model
      EXECUTION_ROLE_ARN = module.sagemaker.execution_role_arn
    }
    record_experiment = local.tracking_environment
    predict = {
      CORS_ORIGINS       = jsonencode(var.api_cors_origins)
      CAPTURES_BUCKET    = local.buckets.captures
      CAPTURES_TOPIC_ARN = local.topic_arns.capture_predictions
      HASHING_KEY_ARN    = try(aws_kms_key.hashing[0].arn, "")
    }
    record_feedback     = { CORS_ORIGINS = jsonencode(var.api_cors_origins), CAPTURES_BUCKET = local.buckets.captures }
    capture_predictions = { CAPTURES_BUCKET = local.buckets.captures }
    join_feedback = {
      CAPTURES_BUCKET = local.buckets.captures
      LANDING_BUCKET  = local.buckets.landing
      OWN_TOPIC_ARN   = local.topic_arns.join_feedback
    }
    monitor = merge(local.lake_environment, {
      CAPTURES_BUCKET    = local.buckets.captures
      TRAINING_TOPIC_ARN = local.topic_arns.start_tuning
      OWN_TOPIC_ARN      = local.topic_arns.monitor
    })
    bootstrap_lake = merge(local.lake_environment, { LAKE_BUCKET = local.buckets.lake })
    guard_data     = { GUARDED_BUCKETS = jsonencode(values(local.own_buckets)) }
    reap_endpoints = {
      LAYERS = jsonencode([for layer in local.layer_names : "${local.name_prefix}-${layer}"])
      QUEUES = jsonencode([for chain in keys(local.chains) : "arn:${local.partition}:sqs:${local.region}:${local.account}:${local.name_prefix}-${replace(chain, "_", "-")}"])
      RULES  = jsonencode([for name in local.rules : "${local.name_prefix}-${name}"])
      # What began before its queue was taken away may go on for so long. What evaluate_model makes by then costs nothing.
      IN_FLIGHT_SECONDS = tostring(max(local.chains.start_tuning.timeout_seconds, local.chains.deploy_model.timeout_seconds))
    }
  }
}
