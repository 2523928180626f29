# One plan with the values of an environment, which are given with -var-file: tests/infra/test_environments.py does so.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  environment        = "test"
  packages_directory = "./tests/fixtures/packages"
  lakefs_endpoint    = "https://lakefs.example.com"
  lakefs_credentials = { access_key_id = "id", secret_access_key = "secret" }
}

run "everything" {
  command = plan
}
