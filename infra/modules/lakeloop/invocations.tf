# What Terraform itself invokes, and what it writes down of an apply for those who go back to one. On destroy the guard is asked
# first, then what wakes the functions goes, then the reaper deletes what they made.

# A repository for each dataset, before the first file is dropped.
resource "aws_lambda_invocation" "bootstrap_lake" {
  function_name   = module.bootstrap["bootstrap_lake"].name
  input           = jsonencode({ datasets = local.datasets, force_destroy = var.force_destroy })
  lifecycle_scope = "CRUD"

  # Another server is set up anew.
  triggers = {
    lakefs_endpoint            = local.lakefs_endpoint
    lakefs_credentials_version = tostring(var.lakefs_credentials_version)
  }

  depends_on = [module.storage]
}

# What this apply made live, all of it together: functions go back to what an earlier version of this object names.
resource "aws_s3_object" "rollout" {
  bucket = module.storage.names.artifacts
  key    = "rollouts/functions.json"
  content = jsonencode({
    format   = 1
    lakeloop = local.version
    git_sha  = var.git_sha
    functions = merge(
      { for chain in module.event_chain : chain.function.name => chain.function.version },
      { for function in merge(module.function, module.bootstrap) : function.name => function.alias.version },
    )
    layers = values(module.layers.arns)
  })
  content_type = "application/json"
}

# Made anew for each rollout. As all that Terraform itself invokes it runs what was just applied, $LATEST: a qualifier would
# have those replaced that were made without one, and a replaced invocation says `delete`.
resource "aws_lambda_invocation" "prune_layers" {
  function_name = module.function["reap_endpoints"].name
  input         = jsonencode({ rollouts = "s3://${aws_s3_object.rollout.bucket}/${aws_s3_object.rollout.key}?versionId=${aws_s3_object.rollout.version_id}" })
}

# Models, endpoint configs and endpoints are deploy_model's and in no state: on destroy this deletes them. It is told
# `delete` also when it is replaced, as a qualifier, a trigger or -replace would have it; so it deletes nothing while queues
# and rules still wake the functions, and those depend on it, so that a destroy takes them away first.
resource "aws_lambda_invocation" "reap_endpoints" {
  function_name   = module.function["reap_endpoints"].name
  input           = jsonencode({})
  lifecycle_scope = "CRUD"

  depends_on = [module.sagemaker]
}

# Buckets refuse to go while they hold objects, but only after most of the rest has gone, the key that their objects are
# encrypted with among it. So this is destroyed before anything else, and it fails where there is data left.
resource "aws_lambda_invocation" "guard_data" {
  function_name   = module.function["guard_data"].name
  input           = jsonencode({ force_destroy = var.force_destroy })
  lifecycle_scope = "CRUD"

  depends_on = [
    module.age,
    module.api,
    module.bootstrap,
    module.catalog,
    module.encryption,
    module.event_chain,
    module.function,
    module.lakefs,
    module.observability,
    module.sagemaker,
    module.serving,
    module.silence,
    module.storage,
    module.told,
    module.watch,
    aws_cloudwatch_event_target.landed,
    aws_cloudwatch_event_target.sagemaker,
    aws_cloudwatch_event_target.schedule,
    aws_cloudwatch_event_target.tracking,
    aws_lambda_function_recursion_config.asks_for_the_rest,
    aws_lambda_invocation.bootstrap_lake,
    aws_lambda_invocation.prune_layers,
    aws_lambda_invocation.serve_as_contracts_say,
    aws_s3_bucket_notification.landing,
    terraform_data.contract,
    terraform_data.join_days,
  ]
}
