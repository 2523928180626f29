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

run "lakefs_server_before_its_secret" {
  command = plan

  module { source = "../examples/lakefs_server" }

  variables {
    kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/mock"
    lake_bucket = "shop-dev-lake-123456789012"
  }

  assert {
    condition     = output.lakefs_endpoint == null
    error_message = "Without its secret there is no server, and the database is there first."
  }
}

run "lakefs_server" {
  command = plan

  module { source = "../examples/lakefs_server" }

  variables {
    kms_key_arn            = "arn:aws:kms:eu-central-1:123456789012:key/mock"
    lake_bucket            = "shop-dev-lake-123456789012"
    server_secret_arn      = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:server"
    credentials_secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:credentials"
  }

  assert {
    condition     = output.lakefs_endpoint == "http://mock.us-east-1.elb.amazonaws.com:8000"
    error_message = "The environment is given the server's root."
  }
}
