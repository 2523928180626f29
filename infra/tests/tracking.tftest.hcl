# What records experiments, and that there is nothing of it where no server is named.

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

run "nobody_records" {
  command = plan
  module { source = "./modules/lakeloop" }

  assert {
    condition     = !contains(keys(module.event_chain), "record_experiment") && length(aws_cloudwatch_event_rule.tracking) == 0
    error_message = "Without a server nothing is made for it."
  }
}

run "mlflow_records" {
  command = plan
  module { source = "./modules/lakeloop" }

  variables {
    mlflow_tracking_uri = "http://mlflow.internal:5000/team"
  }

  assert {
    condition     = module.event_chain["record_experiment"].function.name == "lakeloop-test-record-experiment"
    error_message = "A chain of its own records, so that nothing waits for it."
  }

  assert {
    condition = { for name, rule in aws_cloudwatch_event_rule.tracking : name => jsondecode(rule.event_pattern).detail-type } == {
      record-endpoint = ["SageMaker Endpoint State Change"]
      record-tuning   = ["SageMaker HyperParameter Tuning Job State Change"]
      record-version  = ["SageMaker Model Package State Change"]
    }
    error_message = "It is told of tuning jobs, of all versions and of endpoints."
  }

  assert {
    condition     = alltrue([for target in aws_cloudwatch_event_target.tracking : target.arn == module.event_chain["record_experiment"].topic_arn && target.dead_letter_config[0].arn == module.event_chain["record_experiment"].dlq_arn])
    error_message = "What cannot be told waits in its own dead-letter queue."
  }
}

run "an_address_with_a_user" {
  command = plan
  module { source = "./modules/lakeloop" }

  variables {
    mlflow_tracking_uri = "https://ann:secret@mlflow.example.com"
  }

  expect_failures = [var.mlflow_tracking_uri]
}

run "a_user_without_a_server" {
  command = plan
  module { source = "./modules/lakeloop" }

  variables {
    mlflow_credentials_secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:mlflow-AbCdEf"
  }

  expect_failures = [var.mlflow_credentials_secret_arn]
}
