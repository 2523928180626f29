# A state belongs to one environment, account and region.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  packages_directory = "./tests/fixtures/packages"
  lakefs_endpoint    = "https://lakefs.example.com"
  lakefs_credentials = { access_key_id = "id", secret_access_key = "secret" }
}

run "dev" {
  command = apply

  variables {
    environment = "dev"
  }

  assert {
    condition     = output.name_prefix == "lakeloop-dev"
    error_message = "The first apply writes down whose state it is."
  }
}

run "dev_again" {
  command = plan

  variables {
    environment = "dev"
  }
}

run "values_of_prod_on_the_state_of_dev" {
  command = plan

  variables {
    environment = "prod"
  }

  expect_failures = [terraform_data.owner]
}

run "another_region" {
  command = plan

  variables {
    environment = "dev"
    region      = "eu-central-1"
  }

  expect_failures = [terraform_data.owner]
}
