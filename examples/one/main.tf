# All that a repository of one's own needs beside its contracts, its packages and a backend. `lakeloop` reads the outputs of the
# root that LAKELOOP_INFRA names.

provider "aws" {
  region = "eu-central-1"
}

module "lakeloop" {
  source = "../../infra/modules/lakeloop"

  project                      = "shop"
  environment                  = "dev"
  packages_directory           = var.packages_directory
  contracts_directory          = "${path.module}/../../datasets"
  compiled_contracts_directory = "${path.module}/../../build/contracts"
  lakefs_endpoint              = "https://lakefs.example.com"
  lakefs_credentials           = var.lakefs_credentials
}
