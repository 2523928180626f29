# The loop as a whole: who wakes whom, and which configurations are refused.

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

run "steps" {
  command = plan
  module { source = "./modules/lakeloop" }

  assert {
    condition     = keys(module.event_chain) == ["advance_splits", "capture_predictions", "compact", "deploy_model", "evaluate_model", "join_feedback", "monitor", "reconcile", "reconcile_landing", "remake_features", "replay_landing", "start_tuning", "transform_data"]
    error_message = "Each step of the loop is an event chain."
  }

  assert {
    condition = toset(keys(output.functions)) == toset([
      "advance_splits",
      "bootstrap_lake",
      "capture_predictions",
      "compact",
      "deploy_model",
      "evaluate_model",
      "guard_data",
      "join_feedback",
      "monitor",
      "predict",
      "reap_endpoints",
      "reconcile",
      "reconcile_landing",
      "record_feedback",
      "remake_features",
      "replay_landing",
      "start_tuning",
      "transform_data",
    ])
    error_message = "Every function is in the outputs."
  }

  assert {
    condition     = toset(keys(jsondecode(aws_s3_object.rollout.content).functions)) == toset([for function in values(output.functions) : function.name]) && length(jsondecode(aws_s3_object.rollout.content).layers) == 4
    error_message = "A rollout names a version of every function, and the layers they were made with."
  }

  # Made with a qualifier they would be replaced where they are there without one, and a replaced one says `delete`.
  assert {
    condition = alltrue([
      for invocation in [aws_lambda_invocation.bootstrap_lake, aws_lambda_invocation.guard_data, aws_lambda_invocation.reap_endpoints] :
      invocation.lifecycle_scope == "CRUD" && invocation.qualifier == null
    ])
    error_message = "What is told of a destroy is what was just applied, in every environment alike."
  }

  assert {
    condition     = aws_s3_bucket_notification.landing[0].topic[0].filter_prefix == "incoming/" && aws_s3_bucket_notification.landing[0].topic[0].events == toset(["s3:ObjectCreated:*"])
    error_message = "A file that is dropped at incoming/ wakes the first step."
  }

  # What a step writes must not wake it: it would go round for ever.
  assert {
    condition     = aws_s3_bucket_notification.landing[0].bucket != module.storage.names.artifacts && aws_s3_bucket_notification.landing[0].bucket != module.storage.names.lake
    error_message = "Only the landing bucket wakes a step, and no step writes there."
  }

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.sagemaker["tuning-state"].event_pattern) == {
      source      = ["aws.sagemaker"]
      detail-type = ["SageMaker HyperParameter Tuning Job State Change"]
      detail = {
        HyperParameterTuningJobName   = [{ prefix = "lakeloop-test-" }]
        HyperParameterTuningJobStatus = ["Completed", "Failed", "Stopped"]
        TrainingJobDefinition         = { RoleArn = ["arn:aws:iam::123456789012:role/lakeloop-test-sagemaker"] }
      }
    }
    error_message = "Tuning jobs of this environment that ended wake evaluate_model and start_tuning, however they ended."
  }

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.sagemaker["package-state"].event_pattern) == {
      source      = ["aws.sagemaker"]
      detail-type = ["SageMaker Model Package State Change"]
      detail      = { ModelPackageGroupName = local.group_names, ModelApprovalStatus = ["Approved"] }
    }
    error_message = "Versions of this environment's models wake deploy_model when somebody approves them, and never when they are rejected."
  }

  assert {
    condition = toset([for target in values(aws_cloudwatch_event_target.sagemaker) : "${target.rule} ${target.target_id}"]) == toset([
      "lakeloop-test-tuning-state evaluate-model",
      "lakeloop-test-tuning-state start-tuning",
      "lakeloop-test-transform-state evaluate-model",
      "lakeloop-test-endpoint-state deploy-model",
      "lakeloop-test-package-state deploy-model",
    ])
    error_message = "The end of a job has its model judged, an approval has it deployed; what came while a job ran is trained when it ends: start_tuning is woken too."
  }

  assert {
    condition = alltrue([
      aws_cloudwatch_event_rule.schedule["reconcile-landing"].schedule_expression == "rate(1 hour)",
      aws_cloudwatch_event_target.schedule["reconcile-landing"].rule == "lakeloop-test-reconcile-landing",
      jsondecode(aws_cloudwatch_event_target.schedule["reconcile-landing"].input) == { version = 1 },
      length(aws_cloudwatch_event_target.schedule["reconcile-landing"].dead_letter_config) == 1,
    ])
    error_message = "The clock wakes reconcile_landing through its chain's topic."
  }

  assert {
    condition = alltrue([
      aws_cloudwatch_event_rule.schedule["compact"].schedule_expression == "rate(1 hour)",
      aws_cloudwatch_event_target.schedule["compact"].arn == module.event_chain["compact"].topic_arn,
      jsondecode(aws_cloudwatch_event_target.schedule["compact"].input) == { version = 1 },
      aws_cloudwatch_event_target.schedule["advance-splits"].arn == module.event_chain["advance_splits"].topic_arn,
      aws_cloudwatch_event_target.schedule["reconcile"].arn == module.event_chain["reconcile"].topic_arn,
    ])
    error_message = "The clock wakes compact, advance_splits and reconcile through their chains' topics."
  }

  # Live files never wait behind those that are read again.
  assert {
    condition     = local.deployed.replay_landing.package == local.deployed.transform_data.package
    error_message = "replay_landing is transform_data's code."
  }

  # Each would replace the invocation, and Terraform says `delete` then as it does on destroy.
  assert {
    condition     = aws_lambda_invocation.reap_endpoints.lifecycle_scope == "CRUD" && coalesce(aws_lambda_invocation.reap_endpoints.qualifier, "$LATEST") == "$LATEST" && aws_lambda_invocation.reap_endpoints.triggers == null
    error_message = "The reaper's invocation has no qualifier and no triggers."
  }

  assert {
    condition     = alltrue([for target in values(aws_cloudwatch_event_target.sagemaker) : length(target.dead_letter_config) == 1 && length(target.retry_policy) == 1])
    error_message = "An event that cannot be delivered is tried again and kept."
  }
}

run "version" {
  command = plan
  module { source = "./modules/lakeloop" }

  assert {
    condition     = output.lakeloop_version == "0.0.0-test" && local.common_environment.LAKELOOP_VERSION == "0.0.0-test"
    error_message = "The version is the one that the packages were built from, for people and for functions."
  }
}

run "what_outlives_a_contract" {
  command = plan
  module { source = "./modules/lakeloop" }

  assert {
    condition = alltrue([
      for words in ["lakeloop-test-breast-cancer", "lakeloop dataset delete breast_cancer"] :
      strcontains(terraform_data.contract["breast_cancer"].input.stays_when_destroyed, words)
    ])
    error_message = "When a contract goes, the plan names what stays and how it is deleted."
  }
}

run "names" {
  command = plan
  module { source = "./modules/lakeloop" }

  assert {
    condition     = output.landing_bucket == "lakeloop-test-landing-123456789012"
    error_message = "Buckets are called <prefix>-<role>-<account>."
  }

  assert {
    condition     = aws_s3_object.contract["breast_cancer"].key == "contracts/breast_cancer.json" && aws_s3_object.contract["breast_cancer"].content == file("../build/contracts/breast_cancer.json")
    error_message = "A contract is uploaded as it was compiled."
  }

  assert {
    condition = jsondecode(aws_s3_object.contracts_index.content) == {
      format = 1
      contracts = { for name, object in aws_s3_object.contract : name => {
        key        = object.key
        version_id = object.version_id
        sha256     = sha256(object.content)
      } }
    }
    error_message = "The index names the version of every contract."
  }

  assert {
    condition     = output.contracts_index == "s3://lakeloop-test-artifacts-123456789012/contracts/index.json?versionId=${aws_s3_object.contracts_index.version_id}"
    error_message = "Functions and people are told the version of the index."
  }
}

run "a_name_that_sagemaker_has_no_room_for" {
  command = plan
  module { source = "./modules/lakeloop" }

  variables {
    environment = "a-long-environment"
  }

  expect_failures = [var.environment]
}

run "names_that_aws_refuses" {
  command = plan

  variables {
    environment = "te_st"
    region      = "virginia"
  }

  expect_failures = [var.environment, var.region]
}

run "a_project_in_capitals" {
  command = plan
  module { source = "./modules/lakeloop" }

  variables {
    project = "Lakeloop"
  }

  expect_failures = [var.project]
}

run "a_runtime_that_lambda_has_not" {
  command = plan
  module { source = "./modules/lakeloop" }

  variables {
    lambda_runtime      = "nodejs22.x"
    lambda_architecture = "aarch64"
  }

  expect_failures = [var.lambda_runtime, var.lambda_architecture]
}

run "a_lakefs_endpoint_without_a_scheme" {
  command = plan
  module { source = "./modules/lakeloop" }

  variables {
    lakefs_endpoint            = "lakefs.example.com"
    lakefs_credentials_version = 0
  }

  expect_failures = [var.lakefs_endpoint, var.lakefs_credentials_version]
}

# The case lakefs-endpoint-with-path.
run "lakefs_endpoint_with_path" {
  command = plan
  module { source = "./modules/lakeloop" }

  variables {
    lakefs_endpoint = "https://lakefs.example.com/api/v1"
  }

  expect_failures = [var.lakefs_endpoint]
}

run "lakefs_endpoint_with_path_and_a_last_slash" {
  command = plan
  module { source = "./modules/lakeloop" }

  variables {
    lakefs_endpoint = "https://lakefs.example.com/api/v1/"
  }

  expect_failures = [var.lakefs_endpoint]
}

run "a_lakefs_endpoint_with_a_query" {
  command = plan
  module { source = "./modules/lakeloop" }

  variables {
    lakefs_endpoint = "https://lakefs.example.com?tenant=a"
  }

  expect_failures = [var.lakefs_endpoint]
}

run "a_lakefs_endpoint_with_a_last_slash" {
  command = plan
  module { source = "./modules/lakeloop" }

  variables {
    lakefs_endpoint = "https://lakefs.example.com/"
  }

  assert {
    condition     = output.lakefs_endpoint == "https://lakefs.example.com"
    error_message = "The last slash is taken off before an address is made of it."
  }
}

run "the_repositories_of_data_that_may_go" {
  command = plan
  module { source = "./modules/lakeloop" }

  variables {
    force_destroy = true
  }

  assert {
    condition     = jsondecode(aws_lambda_invocation.bootstrap_lake.input).force_destroy
    error_message = "Where stored data may go, a repository whose data is gone is made anew."
  }
}

run "settings_that_cloudwatch_and_powertools_refuse" {
  command = plan
  module { source = "./modules/lakeloop" }

  variables {
    log_level          = "LOUD"
    log_retention_days = 100
    alarm_topic_arn    = "alarms"
  }

  expect_failures = [var.log_level, var.log_retention_days, var.alarm_topic_arn]
}

run "concurrency_for_a_function_that_is_not_there" {
  command = plan
  module { source = "./modules/lakeloop" }

  variables {
    reserved_concurrency = { predictions = 5 }
  }

  expect_failures = [output.functions]
}
