# What a person looks at, what a person asks, and what a month may cost.
module "observability" {
  source = "../observability"

  name_prefix = local.name_prefix
  region      = local.region
  api         = { name = module.api.name, stage = module.api.stage }
  chains      = keys(local.chains)
  endpoints   = local.endpoint_names
  budget      = var.budget

  tags = local.tags
}

module "catalog" {
  source = "../catalog"

  name_prefix            = local.name_prefix
  datasets               = local.datasets
  chains                 = keys(local.chains)
  captures_bucket        = module.storage.names.captures
  artifacts_bucket       = module.storage.names.artifacts
  capture_retention_days = var.capture_retention_days
  kms_key_arn            = module.encryption.key_arn

  tags = local.tags
}
