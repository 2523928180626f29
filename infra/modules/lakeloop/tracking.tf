# Beside the loop, which waits for nothing here: what SageMaker says of tuning jobs, versions of models and endpoints becomes
# runs, versions and aliases in MLflow. Where no server is named there is nothing of this.
#
#   tuning job, model registry, endpoint --> [record_experiment] --> MLflow

locals {
  tracked = var.mlflow_tracking_uri != null

  tracking_chains = {
    record_experiment = {
      description          = "Records trials, evaluations and model versions in MLflow"
      publishers           = { rule_arns = [for name in keys(local.tracking_rules) : "${local.rule_arn_prefix}-${name}"] }
      layers               = ["lakeloop", "runtime"]
      timeout_seconds      = 300
      memory_mb            = 1024
      ephemeral_storage_mb = 512
      # SageMaker tells most things twice: what comes within so many seconds is looked at one after the other.
      batch_size           = 10
      batch_window_seconds = 5
    }
  }

  # The same as wake the loop, and versions that are rejected or wait for a person; a pattern has at most 2048 characters.
  tracking_rules = merge(
    { for name, change in local.state_changes : "record-${replace(name, "-state", "")}" => change if contains(["endpoint", "tuning"], split("-", name)[0]) },
    { for number, names in chunklist(local.group_names, 30) : "record-version${number == 0 ? "" : "-${number + 1}"}" => {
      detail-type = ["SageMaker Model Package State Change"]
      detail      = { ModelPackageGroupName = names }
    } },
  )

  tracking_environment = {
    MLFLOW_TRACKING_URI           = var.mlflow_tracking_uri
    MLFLOW_CREDENTIALS_SECRET_ARN = var.mlflow_credentials_secret_arn == null ? "" : var.mlflow_credentials_secret_arn
  }

  tracking_statements = concat(try(local.chain_statements.record_experiment, []), [
    {
      Sid    = "ReadModelsAndEvaluations"
      Action = ["s3:GetObject"]
      Resource = [for folder in ["evaluations", "models/contracts", "training"] :
        "${local.bucket_arns.artifacts}/${folder}/*"
      ]
    },
    local.see_placements,
    {
      Sid      = "HoldLeases"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = ["${local.bucket_arns.artifacts}/leases/record_experiment/*"]
    },
    local.read_tuning_results,
    {
      Sid       = "LinkTrainingJobs"
      Action    = ["sagemaker:AddTags"]
      Resource  = [local.training_jobs]
      Condition = local.tagged
    },
    {
      Sid      = "ReadRounds"
      Action   = ["logs:FilterLogEvents"]
      Resource = ["arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/aws/sagemaker/TrainingJobs:*"]
    },
    local.see_versions,
    local.see_what_serves,
    ], var.mlflow_credentials_secret_arn == null ? [] : [{
      Sid      = "ReadMlflowUser"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = [var.mlflow_credentials_secret_arn]
  }])
}

resource "aws_cloudwatch_event_rule" "tracking" {
  for_each = { for name, change in local.tracking_rules : name => change if local.tracked }

  name          = "${local.name_prefix}-${each.key}"
  description   = "Wakes record_experiment: ${each.value.detail-type[0]}"
  event_pattern = jsonencode(merge({ source = ["aws.sagemaker"] }, each.value))

  tags = local.tags

  # By it reap_endpoints sees whether the environment stays.
  depends_on = [aws_lambda_invocation.reap_endpoints]
}

resource "aws_cloudwatch_event_target" "tracking" {
  for_each = aws_cloudwatch_event_rule.tracking

  rule      = each.value.name
  target_id = "record-experiment"
  arn       = module.event_chain["record_experiment"].topic_arn

  retry_policy {
    maximum_event_age_in_seconds = 24 * 3600
    maximum_retry_attempts       = 185
  }

  dead_letter_config {
    arn = module.event_chain["record_experiment"].dlq_arn
  }
}
