# One plan of everything, with names instead of unknown values: tests/infra/conftest.py gives it to the tests.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

run "everything" {
  command = plan

  variables {
    environment                   = "test"
    packages_directory            = "./tests/fixtures/packages"
    lakefs_endpoint               = "https://lakefs.example.com"
    lakefs_credentials            = { access_key_id = "id-of-lakefs", secret_access_key = "secret-of-lakefs" }
    mlflow_tracking_uri           = "https://mlflow.example.com"
    mlflow_credentials_secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:mlflow-AbCdEf"
  }
}
