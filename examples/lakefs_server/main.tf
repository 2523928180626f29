# A network, a database and a lakeFS server for one environment, in a root of their own that is applied before it, twice: first
# the database, with whose master you make a role and a database for lakeFS and write the server's secret; then the server.

provider "aws" {
  region = local.region
}

locals {
  region      = "eu-central-1"
  name_prefix = "shop-dev"
}

module "network" {
  source = "../../infra/modules/network"

  name_prefix = local.name_prefix
  region      = local.region
  zones       = ["${local.region}a", "${local.region}b"]
}

module "database" {
  source = "../../infra/modules/database"

  name_prefix = local.name_prefix
  vpc_id      = module.network.vpc_id
  subnet_ids  = module.network.private_subnet_ids
  kms_key_arn = var.kms_key_arn
  multi_az    = false
}

module "lakefs_server" {
  source = "../../infra/modules/lakefs_server"
  count  = var.server_secret_arn == null ? 0 : 1

  name_prefix                        = local.name_prefix
  region                             = local.region
  image                              = "treeverse/lakefs:1.86.0" # Better by digest, from a registry of yours.
  vpc_id                             = module.network.vpc_id
  subnet_ids                         = module.network.functions.subnet_ids
  client_security_group_ids          = { functions = module.network.functions.security_group_ids[0] }
  database_clients_security_group_id = module.database.clients_security_group_id
  server_secret_arn                  = var.server_secret_arn
  credentials_secret_arn             = var.credentials_secret_arn
  lake_bucket                        = var.lake_bucket
  kms_key_arn                        = var.kms_key_arn
}
