# Several environments in one root and one state, such as one for each team that shares an account.

provider "aws" {
  region = "eu-central-1"
}

module "lakeloop" {
  source   = "../../infra/modules/lakeloop"
  for_each = toset(["pricing", "fraud"])

  project                      = "shop"
  environment                  = each.key
  tags                         = { team = each.key }
  packages_directory           = var.packages_directory
  contracts_directory          = "${path.module}/../../datasets"
  compiled_contracts_directory = "${path.module}/../../build/contracts"
  lakefs_endpoint              = "https://lakefs-${each.key}.example.com"
  lakefs_credentials           = var.lakefs_credentials
}
