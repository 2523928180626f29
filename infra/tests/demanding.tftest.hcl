# One plan of everything with all that an account may demand: tests/infra/test_account.py reads it.

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
    lakefs_credentials            = { access_key_id = "id", secret_access_key = "secret" }
    lakefs_role_arn               = "arn:aws:iam::123456789012:role/lakefs"
    permissions_boundary_arn      = "arn:aws:iam::123456789012:policy/boundary"
    alarm_topic_arn               = "arn:aws:sns:us-east-1:123456789012:alarms"
    mlflow_tracking_uri           = "https://mlflow.example.com"
    mlflow_credentials_secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:mlflow-AbCdEf"
  }
}
