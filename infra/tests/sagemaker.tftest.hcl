# What training and serving run as: only SageMaker of this account may take the role, and it reaches its own objects only.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name_prefix          = "lakeloop-test"
  region               = "us-east-1"
  lake_bucket_arn      = "arn:aws:s3:::lakeloop-test-lake"
  artifacts_bucket_arn = "arn:aws:s3:::lakeloop-test-artifacts"
  endpoint_names       = ["lakeloop-test-wine"]
  kms_key_arn          = "arn:aws:kms:us-east-1:123456789012:key/mock"
  log_retention_days   = 365
}

run "role" {
  command = plan
  module { source = "./modules/sagemaker" }

  assert {
    condition = jsondecode(aws_iam_role.execution.assume_role_policy).Statement == [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "sagemaker.amazonaws.com" }
      Condition = {
        StringEquals = { "aws:SourceAccount" = "123456789012" }
        ArnLike      = { "aws:SourceArn" = "arn:aws:sagemaker:us-east-1:123456789012:*" }
      }
    }]
    error_message = "SageMaker takes the role for this account only."
  }

  assert {
    condition     = aws_cloudwatch_log_group.endpoint["lakeloop-test-wine"].name == "/aws/sagemaker/Endpoints/lakeloop-test-wine"
    error_message = "The log group of an endpoint is where SageMaker writes."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement.Resource
      if contains(statement.Action, "s3:PutObject")
    ] == [[for folder in ["evaluations", "manifests", "training"] : "arn:aws:s3:::lakeloop-test-artifacts/${folder}/*"]]
    error_message = "Jobs write manifests, models and scores, and nothing to the lake."
  }

  assert {
    condition = toset(flatten([
      for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement.Action if statement.Resource == ["*"]
    ])) == toset(["ecr:GetAuthorizationToken", "cloudwatch:PutMetricData", "cloudwatch:DescribeAlarms"])
    error_message = "Only calls that know no resources are granted on all of them, and a look at alarms, of which a contract may name any."
  }

  assert {
    condition = anytrue([
      for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement :
      statement.Resource == ["arn:aws:ecr:us-east-1:683313688378:repository/sagemaker-xgboost"]
    ])
    error_message = "Only the image that is used may be pulled."
  }

  assert {
    condition     = output.xgboost_image == "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
    error_message = "Functions are told the image."
  }
}

run "an_image_that_moves" {
  command = plan
  module { source = "./modules/sagemaker" }

  variables {
    xgboost_version = "latest"
  }

  expect_failures = [var.xgboost_version]
}
