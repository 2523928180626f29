# The functions: what they are built of, and those that no queue wakes.

locals {
  # The functions that no queue wakes.
  functions = {
    predict = {
      description          = "Answers one prediction request from the dataset's endpoint"
      layers               = ["lakeloop", "runtime"]
      memory_mb            = 1024
      timeout_seconds      = 28 # API Gateway gives up after 29.
      ephemeral_storage_mb = 512
    }
    record_feedback = {
      description          = "Takes the labels that callers tell of their predictions"
      layers               = ["lakeloop", "runtime"]
      memory_mb            = 1024
      timeout_seconds      = 28 # API Gateway gives up after 29.
      ephemeral_storage_mb = 512
    }
    bootstrap_lake = {
      description          = "Sets lakeFS up and makes the repository of each dataset, when Terraform applies"
      layers               = ["lakeloop", "runtime", "lake"]
      memory_mb            = 512
      timeout_seconds      = 300 # A server that is still starting is waited for.
      ephemeral_storage_mb = 512
    }
    guard_data = {
      description          = "Refuses a destroy while buckets hold data, when Terraform destroys"
      layers               = ["lakeloop", "runtime"]
      memory_mb            = 512
      timeout_seconds      = 60
      ephemeral_storage_mb = 512
    }
    reap_endpoints = {
      description          = "Deletes the endpoints and models that deploy_model made, when Terraform destroys, and layers that nobody goes back to"
      layers               = ["lakeloop", "runtime"]
      memory_mb            = 512
      timeout_seconds      = 900 # An endpoint cannot be deleted before it is created.
      ephemeral_storage_mb = 512
    }
  }

  layer_names = ["lakeloop", "runtime", "lake", "data"]

  # Those that do not wait for the approval of contracts are one of them, which does the approving.
  plain_functions = ["guard_data", "predict", "reap_endpoints", "record_feedback"]
  function_logs   = { for name in keys(merge(local.chains, local.functions)) : name => "/aws/lambda/${local.name_prefix}-${replace(name, "_", "-")}" }

  # What Lambda is told of each, but the contracts: those are approved by one of them first.
  deployed = { for name, function in merge(local.chains, local.functions) : name => {
    description          = function.description
    package              = "${var.packages_directory}/functions/${try(function.code, name)}.zip"
    package_bucket       = module.storage.names.artifacts
    runtime              = var.lambda_runtime
    architecture         = var.lambda_architecture
    layers               = [for layer in function.layers : module.layers.arns[layer]]
    environment          = merge(local.common_environment, local.environments[name])
    statements           = local.statements[name]
    timeout_seconds      = function.timeout_seconds
    memory_mb            = function.memory_mb
    ephemeral_storage_mb = function.ephemeral_storage_mb
    reserved_concurrency = lookup(var.reserved_concurrency, name, -1)
    # Those that reach a server; the others need no address in a VPC, and no way out of it.
    vpc = anytrue([for server in ["LAKEFS_ENDPOINT", "MLFLOW_TRACKING_URI"] : contains(keys(local.environments[name]), server)]) ? var.vpc : null
  } }
}

module "layers" {
  source = "../layers"

  names        = local.layer_names
  directory    = "${var.packages_directory}/layers"
  bucket       = module.storage.names.artifacts
  name_prefix  = local.name_prefix
  runtime      = var.lambda_runtime
  architecture = var.lambda_architecture
}

module "function" {
  source   = "../function"
  for_each = { for name in local.plain_functions : name => local.deployed[name] }

  name                 = each.key
  name_prefix          = local.name_prefix
  description          = each.value.description
  package              = each.value.package
  package_bucket       = each.value.package_bucket
  runtime              = each.value.runtime
  architecture         = each.value.architecture
  layers               = each.value.layers
  environment          = merge(each.value.environment, { CONTRACTS_INDEX = local.approved_index })
  statements           = each.value.statements
  memory_mb            = each.value.memory_mb
  ephemeral_storage_mb = each.value.ephemeral_storage_mb
  timeout_seconds      = each.value.timeout_seconds
  reserved_concurrency = each.value.reserved_concurrency
  vpc                  = each.value.vpc
  kms_key_arn          = module.encryption.key_arn
  log_retention_days   = var.log_retention_days

  permissions_boundary_arn = var.permissions_boundary_arn
  alarm_topic_arn          = var.alarm_topic_arn

  tags = local.tags
}

# A module call of its own, because the others wait for what it approves.
module "bootstrap" {
  source   = "../function"
  for_each = { bootstrap_lake = local.deployed.bootstrap_lake }

  name                 = each.key
  name_prefix          = local.name_prefix
  description          = each.value.description
  package              = each.value.package
  package_bucket       = each.value.package_bucket
  runtime              = each.value.runtime
  architecture         = each.value.architecture
  layers               = each.value.layers
  environment          = merge(each.value.environment, { CONTRACTS_INDEX = local.contracts_index })
  statements           = each.value.statements
  memory_mb            = each.value.memory_mb
  ephemeral_storage_mb = each.value.ephemeral_storage_mb
  timeout_seconds      = each.value.timeout_seconds
  reserved_concurrency = each.value.reserved_concurrency
  vpc                  = each.value.vpc
  kms_key_arn          = module.encryption.key_arn
  log_retention_days   = var.log_retention_days

  permissions_boundary_arn = var.permissions_boundary_arn
  alarm_topic_arn          = var.alarm_topic_arn

  tags = local.tags
}

# Lambda takes whoever is woken by its own message sixteen times for a runaway, and drops the message: these ask themselves for
# the rest of what takes longer than one of them may run, and start_tuning asks remake_features, which tells it. All of them
# end when there is no rest.
resource "aws_lambda_function_recursion_config" "asks_for_the_rest" {
  for_each = toset(["advance_splits", "compact", "join_feedback", "monitor", "reconcile", "reconcile_landing", "remake_features", "start_tuning"])

  function_name  = module.event_chain[each.key].function.name
  recursive_loop = "Allow"
}
