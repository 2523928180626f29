# What a person looks at, and what a month may cost.
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
