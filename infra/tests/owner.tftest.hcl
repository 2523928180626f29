# A state belongs to one environment, account and region.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  packages_directory           = "./tests/fixtures/packages"
  contracts_directory          = "../datasets"
  compiled_contracts_directory = "../build/contracts"
  lakefs_endpoint              = "https://lakefs.example.com"
  lakefs_credentials           = { access_key_id = "id", secret_access_key = "secret" }
}

run "dev" {
  command = apply
  module { source = "./modules/lakeloop" }

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
  module { source = "./modules/lakeloop" }

  variables {
    environment = "dev"
  }
}

# The case prod-values-on-dev-state.
run "prod_values_on_dev_state" {
  command = plan
  module { source = "./modules/lakeloop" }

  variables {
    environment = "prod"
  }

  expect_failures = [terraform_data.owner]
}

run "another_region" {
  command = plan
  module { source = "./modules/lakeloop" }

  variables {
    environment = "dev"
  }

  override_data {
    target = data.aws_region.current
    values = { id = "eu-central-1" }
  }

  expect_failures = [terraform_data.owner]
}

# The case second-region-same-environment: a state of its own, and roles that the first region has made.
run "second_region_same_environment" {
  command = plan
  module { source = "./modules/lakeloop" }

  state_key = "eu"

  variables {
    environment = "dev"
  }

  override_data {
    target = data.aws_region.current
    values = { id = "eu-central-1" }
  }

  override_data {
    target = data.aws_iam_roles.taken
    values = { names = ["lakeloop-dev-transform-data"] }
  }

  override_data {
    target = data.aws_iam_role.taken
    values = { tags = { "lakeloop:region" = "us-east-1" } }
  }

  expect_failures = [terraform_data.owner]
}
