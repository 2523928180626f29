output "name_prefix" {
  description = "Project and environment, with which every name starts."
  value       = module.lakeloop.name_prefix
}

output "lakeloop_version" {
  description = "Version of lakeloop that built the packages that are deployed."
  value       = module.lakeloop.lakeloop_version
}

output "region" {
  description = "AWS region of the environment."
  value       = module.lakeloop.region
}

output "datasets" {
  description = "Names of the datasets that have a contract."
  value       = module.lakeloop.datasets
}

output "contracts_index" {
  description = "Version of the object that names the deployed version of every contract, as the functions are told it."
  value       = module.lakeloop.contracts_index
}

output "landing_bucket" {
  description = "Bucket into which files are dropped, at incoming/<dataset>/."
  value       = module.lakeloop.landing_bucket
}

output "lake_bucket" {
  description = "Bucket that holds the objects behind lakeFS."
  value       = module.lakeloop.lake_bucket
}

output "artifacts_bucket" {
  description = "Bucket that holds contracts, quarantined rows, manifests, models and failure records."
  value       = module.lakeloop.artifacts_bucket
}

output "captures_bucket" {
  description = "Bucket that holds answered predictions and their labels, for capture_retention_days."
  value       = module.lakeloop.captures_bucket
}

output "kms_key_arn" {
  description = "ARN of the key that encrypts everything; a lakeFS server of your own needs kms:Decrypt and kms:GenerateDataKey on it."
  value       = module.lakeloop.kms_key_arn
}

output "lakefs_endpoint" {
  description = "URL of the lakeFS server."
  value       = module.lakeloop.lakefs_endpoint
}

output "mlflow_tracking_uri" {
  description = "Address of the MLflow server that is told of experiments; null where none is."
  value       = module.lakeloop.mlflow_tracking_uri
}

output "lakefs_secret_arn" {
  description = "ARN of the secret that holds the lakeFS key pair."
  value       = module.lakeloop.lakefs_secret_arn
}

output "api_id" {
  description = "Id of the prediction API."
  value       = module.lakeloop.api_id
}

output "api_stage" {
  description = "Stage of the prediction API."
  value       = module.lakeloop.api_stage
}

output "api_url" {
  description = "URL of the prediction API on AWS; `lakeloop api` says how it is called, also locally."
  value       = module.lakeloop.api_url
}

output "api_domain_target" {
  description = "Name and hosted zone that the API's domain name is to be an alias of; null without one."
  value       = module.lakeloop.api_domain_target
}

output "api_key_ids" {
  description = "Ids of the API keys by caller; a value is read with `lakeloop api --key` or `aws apigateway get-api-key --include-value`."
  value       = module.lakeloop.api_key_ids
}

output "execution_role_arn" {
  description = "ARN of the role of training jobs and endpoints."
  value       = module.lakeloop.execution_role_arn
}

output "chains" {
  description = "Topic, queues, function and log group of each step of the loop."
  value       = module.lakeloop.chains
}

output "functions" {
  description = "Name and log group of each function, and the version of it that was applied last."
  value       = module.lakeloop.functions
}
