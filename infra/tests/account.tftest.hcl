# What an account demands of the stack, and what the stack demands of what it is given.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  environment                  = "test"
  packages_directory           = "./tests/fixtures/packages"
  contracts_directory          = "../datasets"
  compiled_contracts_directory = "../build/contracts"
  lakefs_endpoint              = "https://lakefs.example.com"
  lakefs_credentials           = { access_key_id = "id", secret_access_key = "secret" }
}

run "a_young_account" {
  command = plan
  module { source = "./modules/lakeloop" }

  assert {
    condition     = length(var.reserved_concurrency) == 0
    error_message = "A quota of 10 has nothing to reserve from."
  }
}

run "a_server_of_ones_own" {
  command = plan
  module { source = "./modules/lakeloop" }

  variables {
    lakefs_role_arn = "arn:aws:iam::123456789012:role/lakefs"
  }

  assert {
    condition     = output.kms_key_arn == "arn:aws:kms:us-east-1:123456789012:key/mock"
    error_message = "Who runs the lakeFS server must give it this key."
  }
}

run "a_role_that_is_none" {
  command = plan
  module { source = "./modules/lakeloop" }

  variables {
    lakefs_role_arn          = "lakefs"
    permissions_boundary_arn = "boundary"
    tags                     = { "aws:owner" = "us" }
  }

  expect_failures = [var.lakefs_role_arn, var.permissions_boundary_arn, var.tags]
}
