output "name_prefix" {
  description = "Project and environment, with which every name starts."
  value       = local.name_prefix
}

output "lakeloop_version" {
  description = "Version of lakeloop that built the packages that are deployed."
  value       = local.version
}

output "region" {
  description = "AWS region of the environment."
  value       = local.region
}

output "datasets" {
  description = "Names of the datasets that have a contract."
  value       = local.datasets
}

output "contracts_index" {
  description = "Version of the object that names the deployed version of every contract, as the functions are told it."
  value       = local.approved_index
}

output "landing_bucket" {
  description = "Bucket into which files are dropped, at incoming/<dataset>/."
  value       = merge(local.buckets, module.storage.names).landing
}

output "lake_bucket" {
  description = "Bucket that holds the objects behind lakeFS."
  value       = module.storage.names.lake
}

output "artifacts_bucket" {
  description = "Bucket that holds contracts, quarantined rows, manifests, models and failure records."
  value       = module.storage.names.artifacts
}

output "captures_bucket" {
  description = "Bucket that holds answered predictions and their labels, for capture_retention_days."
  value       = module.storage.names.captures
}

output "kms_key_arn" {
  description = "ARN of the key that encrypts everything; a lakeFS server of your own needs kms:Decrypt and kms:GenerateDataKey on it."
  value       = module.encryption.key_arn
}

output "lakefs_endpoint" {
  description = "URL of the lakeFS server."
  value       = local.lakefs_endpoint
}

output "mlflow_tracking_uri" {
  description = "Address of the MLflow server that is told of experiments; null where none is."
  value       = var.mlflow_tracking_uri
}

output "lakefs_secret_arn" {
  description = "ARN of the secret that holds the lakeFS key pair."
  value       = module.lakefs.secret_arn
}

output "api_id" {
  description = "Id of the prediction API."
  value       = module.api.id
}

output "api_stage" {
  description = "Stage of the prediction API."
  value       = module.api.stage
}

output "api_url" {
  description = "URL of the prediction API on AWS; `lakeloop api` says how it is called, also locally."
  value       = module.api.url
}

output "api_domain_target" {
  description = "Name and hosted zone that the API's domain name is to be an alias of; null without one."
  value       = module.api.domain_target
}

output "api_key_ids" {
  description = "Ids of the API keys by caller; a value is read with `lakeloop api --key` or `aws apigateway get-api-key --include-value`."
  value       = module.api.key_ids
}

output "execution_role_arn" {
  description = "ARN of the role of training jobs and endpoints."
  value       = module.sagemaker.execution_role_arn
}

output "chains" {
  description = "Topic, queues, function and log group of each step of the loop."
  value = { for name, chain in module.event_chain : name => {
    topic_arn     = chain.topic_arn
    queue_url     = chain.queue_url
    dlq_url       = chain.dlq_url
    function_name = chain.function.name
    log_group     = chain.function.log_group
  } }
}

output "functions" {
  description = "Name and log group of each function, and the version of it that was applied last."
  value = merge(
    { for name, chain in module.event_chain : name => chain.function },
    { for name, function in merge(module.function, module.bootstrap) : name => { name = function.name, log_group = function.log_group, version = function.alias.version } },
  )

  precondition {
    condition     = length(setsubtract(keys(var.reserved_concurrency), keys(local.deployed))) == 0
    error_message = "reserved_concurrency names ${join(", ", setsubtract(keys(var.reserved_concurrency), keys(local.deployed)))}: the functions are ${join(", ", keys(local.deployed))}."
  }
}

output "log_group_names" {
  description = "Names of the log groups by what has them and by key, known before they are made: a root can import those that are there already."
  value = {
    chains    = { for name in keys(local.chains) : name => local.function_logs[name] }
    functions = { for name in local.plain_functions : name => local.function_logs[name] }
    bootstrap = { bootstrap_lake = local.function_logs.bootstrap_lake }
    endpoints = { for name in local.endpoint_names : name => "/aws/sagemaker/Endpoints/${name}" }
  }
}
