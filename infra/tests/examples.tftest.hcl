# Roots of one's own that call the module: what examples/ shows is planned.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  packages_directory = "./tests/fixtures/packages"
  lakefs_credentials = { access_key_id = "id", secret_access_key = "secret" }
}

run "one" {
  command = plan

  module { source = "../examples/one" }

  assert {
    condition     = output.landing_bucket == "shop-dev-landing-123456789012" && output.datasets == ["breast_cancer"]
    error_message = "The contracts are those of the folder that the root names."
  }
}

run "several" {
  command = plan

  module { source = "../examples/several" }

  assert {
    condition     = { for name, made in output.environments : name => made.landing_bucket } == { for name in ["fraud", "pricing"] : name => "shop-${name}-landing-123456789012" }
    error_message = "Environments in one state have names of their own."
  }
}
