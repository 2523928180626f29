# What released versions made at the root of infra/ is in the module now: tests/infra/test_module.py sees that nothing is made anew.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  environment                  = "test"
  packages_directory           = "./tests/fixtures/packages"
  contracts_directory          = "../datasets"
  compiled_contracts_directory = "../build/contracts"
  lakefs_endpoint              = "https://lakefs.example.com"
  lakefs_credentials           = { access_key_id = "id", secret_access_key = "secret" }
  mlflow_tracking_uri          = "https://mlflow.example.com"
}

# The module as a root has the addresses that infra/ had.
run "released" {
  command   = apply
  state_key = "upgrade"

  module { source = "./modules/lakeloop" }
}

run "upgraded" {
  command   = plan
  state_key = "upgrade"
}
