# What one applies in this repository: one environment, with the provider it is made by. A root of your own calls the module
# alone; examples/ has two.

module "lakeloop" {
  source = "./modules/lakeloop"

  packages_directory           = coalesce(var.packages_directory, "${path.root}/../build/${var.lambda_runtime}-${var.lambda_architecture}")
  contracts_directory          = coalesce(var.contracts_directory, "${path.root}/../datasets")
  compiled_contracts_directory = coalesce(var.compiled_contracts_directory, "${path.root}/../build/contracts")

  project                       = var.project
  environment                   = var.environment
  tags                          = var.tags
  permissions_boundary_arn      = var.permissions_boundary_arn
  landing_bucket                = var.landing_bucket
  kms_key_arn                   = var.kms_key_arn
  vpc                           = var.vpc
  force_destroy                 = var.force_destroy
  lambda_runtime                = var.lambda_runtime
  lambda_architecture           = var.lambda_architecture
  git_sha                       = var.git_sha
  log_level                     = var.log_level
  log_retention_days            = var.log_retention_days
  reserved_concurrency          = var.reserved_concurrency
  api_throttle                  = var.api_throttle
  api_cors_origins              = var.api_cors_origins
  capture_retention_days        = var.capture_retention_days
  api_keys                      = var.api_keys
  api_domain                    = var.api_domain
  api_logs_role_name            = var.api_logs_role_name
  alarm_topic_arn               = var.alarm_topic_arn
  budget                        = var.budget
  lakefs_endpoint               = var.lakefs_endpoint
  mlflow_tracking_uri           = var.mlflow_tracking_uri
  mlflow_credentials_secret_arn = var.mlflow_credentials_secret_arn
  lakefs_role_arn               = var.lakefs_role_arn
  lakefs_credentials            = var.lakefs_credentials
  lakefs_credentials_version    = var.lakefs_credentials_version
}
