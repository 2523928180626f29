# What those functions may do that train, judge, serve and take away models.

locals {
  model_statements = {
    start_tuning = concat(local.chain_statements.start_tuning, [
      {
        Sid      = "SeeWhatReadsTheSame"
        Action   = ["s3:GetObject"]
        Resource = ["${local.bucket_arns.artifacts}/contracts/approved/*"]
      },
      local.read_lakefs_key,
      local.pass_execution_role,
      local.keep_reports,
      local.tell_start_tuning,
      {
        Sid      = "WriteManifestsAndContracts"
        Action   = ["s3:PutObject"]
        Resource = [for folder in ["manifests", "models/contracts", "training/programs"] : "${local.bucket_arns.artifacts}/${folder}/*"]
      },
      {
        Sid      = "AskForFeatures"
        Action   = ["sns:Publish"]
        Resource = [local.topic_arns.remake_features]
      },
      {
        Sid      = "HoldLeases"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = ["${local.bucket_arns.artifacts}/leases/start_tuning/*"]
      },
      {
        Sid      = "ReadLabels"
        Action   = ["s3:GetObject"]
        Resource = ["${local.bucket_arns.lake}/*"]
      },
      {
        Sid       = "Tune"
        Action    = ["sagemaker:CreateHyperParameterTuningJob"]
        Resource  = [local.tuning_jobs]
        Condition = local.made
      },
      {
        Sid       = "TagTuningJobs"
        Action    = ["sagemaker:AddTags"]
        Resource  = [local.tuning_jobs]
        Condition = local.tagged
      },
      {
        Sid = "SeeTuningJobs"
        Action = [
          "sagemaker:DescribeHyperParameterTuningJob",
          "sagemaker:ListTags",
          "sagemaker:ListTrainingJobsForHyperParameterTuningJob",
        ]
        Resource = [local.tuning_jobs]
      },
      local.find_tuning_jobs,
    ])

    evaluate_model = concat(local.chain_statements.evaluate_model, [
      local.read_lakefs_key,
      local.pass_execution_role,
      local.keep_reports,
      local.read_contracts_of_models,
      {
        Sid      = "KeepEvaluations"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = ["${local.bucket_arns.artifacts}/evaluations/*"]
      },
      {
        Sid      = "KeepHistory"
        Action   = ["s3:PutObject"]
        Resource = ["${local.bucket_arns.artifacts}/history/*"]
      },
      {
        Sid      = "ReadModels"
        Action   = ["s3:GetObject"]
        Resource = ["${local.bucket_arns.artifacts}/training/*"]
      },
      local.read_tuning_results,
      {
        Sid       = "ScoreTestRows"
        Action    = ["sagemaker:CreateModel", "sagemaker:CreateTransformJob"]
        Resource  = [local.models, local.transform_jobs]
        Condition = local.made
      },
      {
        Sid       = "TagWhatItMakes"
        Action    = ["sagemaker:AddTags"]
        Resource  = [local.model_groups, local.models, local.transform_jobs]
        Condition = local.tagged
      },
      {
        Sid = "SeeModels"
        Action = [
          "sagemaker:DescribeEndpoint",
          "sagemaker:DescribeEndpointConfig",
          "sagemaker:DescribeModel",
          "sagemaker:DescribeTransformJob",
          "sagemaker:ListTags",
        ]
        Resource = [local.models, local.endpoint_configs, local.endpoints, local.transform_jobs]
      },
      {
        Sid       = "MakeGroupsOfModels"
        Action    = ["sagemaker:CreateModelPackageGroup"]
        Resource  = [local.model_groups]
        Condition = local.made
      },
      {
        # Versions have the tags of their group and may be given none.
        Sid       = "RegisterModels"
        Action    = ["sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"]
        Resource  = [local.model_groups, local.model_versions]
        Condition = local.owned
      },
      local.see_versions,
    ])

    deploy_model = concat(local.chain_statements.deploy_model, local.end_scaling, [
      local.pass_execution_role,
      local.keep_reports,
      local.read_contracts_of_models,
      {
        # Those that a contract names may be anybody's, and the other call knows no resources.
        Sid      = "SeeAlarmsAndRequests"
        Action   = ["cloudwatch:DescribeAlarms", "cloudwatch:GetMetricStatistics"]
        Resource = ["*"]
      },
      {
        Sid      = "HaveModelsJudgedAgain"
        Action   = ["sns:Publish"]
        Resource = [local.topic_arns.evaluate_model]
      },
      {
        Sid       = "MakeModels"
        Action    = ["sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig", "sagemaker:CreateModel"]
        Resource  = [local.models, local.endpoint_configs, local.endpoints]
        Condition = local.made
      },
      {
        Sid       = "TagModels"
        Action    = ["sagemaker:AddTags"]
        Resource  = [local.models, local.endpoint_configs, local.endpoints]
        Condition = local.tagged
      },
      {
        Sid       = "ChangeEndpoints"
        Action    = ["sagemaker:DeleteEndpoint", "sagemaker:UpdateEndpoint"]
        Resource  = [local.endpoint_configs, local.endpoints]
        Condition = local.owned
      },
      {
        Sid = "SeeModels"
        Action = [
          "sagemaker:DescribeEndpoint",
          "sagemaker:DescribeEndpointConfig",
          "sagemaker:DescribeModel",
          "sagemaker:ListTags",
        ]
        Resource = [local.models, local.endpoint_configs, local.endpoints]
      },
      {
        Sid       = "RejectVersions"
        Action    = ["sagemaker:UpdateModelPackage"]
        Resource  = [local.model_versions]
        Condition = local.owned
      },
      local.see_versions,
    ])

    reconcile = concat(local.chain_statements.reconcile, [
      local.read_lakefs_key,
      local.keep_reports,
      local.see_versions,
      {
        Sid      = "KeepWhatWasAsked"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = ["${local.bucket_arns.artifacts}/reconciled/*"]
      },
      local.find_tuning_jobs,
      {
        Sid      = "SeeWhatServes"
        Action   = ["sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig", "sagemaker:DescribeHyperParameterTuningJob", "sagemaker:ListTags"]
        Resource = [local.tuning_jobs, local.endpoint_configs, local.endpoints]
      },
      {
        Sid      = "TellSteps"
        Action   = ["sns:Publish"]
        Resource = [local.topic_arns.start_tuning, local.topic_arns.evaluate_model, local.topic_arns.deploy_model, local.topic_arns.reconcile]
      },
    ])

    predict = concat(local.hash_statements, [
      local.read_contracts,
      local.list_artifacts,
      local.read_contracts_of_models,
      local.see_placements,
      {
        Sid       = "Predict"
        Action    = ["sagemaker:InvokeEndpoint"]
        Resource  = [local.endpoints]
        Condition = local.owned
      },
      local.see_what_serves,
      {
        Sid      = "TellOfPredictions"
        Action   = ["sns:Publish"]
        Resource = [local.topic_arns.capture_predictions]
      },
      {
        Sid      = "PutLargePredictionsAside"
        Action   = ["s3:PutObject"]
        Resource = ["${local.bucket_arns.captures}/large/*"]
      },
    ])

    reap_endpoints = concat(local.end_scaling, [
      {
        Sid      = "FindModels"
        Action   = [for kind in ["EndpointConfigs", "Endpoints", "HyperParameterTuningJobs", "ModelPackageGroups", "Models", "TransformJobs"] : "sagemaker:List${kind}"]
        Resource = ["*"]
      },
      {
        Sid       = "StopJobs"
        Action    = ["sagemaker:StopHyperParameterTuningJob", "sagemaker:StopTransformJob"]
        Resource  = [local.tuning_jobs, local.transform_jobs]
        Condition = local.owned
      },
      {
        Sid      = "SeeWhetherTheEnvironmentStays"
        Action   = ["lambda:ListEventSourceMappings"]
        Resource = ["*"]
      },
      {
        Sid      = "ReadRollouts"
        Action   = ["s3:GetObjectVersion"]
        Resource = ["${local.bucket_arns.artifacts}/rollouts/functions.json"]
      },
      {
        Sid      = "SeeRollouts"
        Action   = ["s3:ListBucketVersions"]
        Resource = [local.bucket_arns.artifacts]
      },
      {
        Sid      = "FindLayers"
        Action   = ["lambda:ListLayerVersions"]
        Resource = ["*"]
      },
      {
        Sid      = "DeleteLayers"
        Action   = ["lambda:DeleteLayerVersion"]
        Resource = [for layer in local.layer_names : "arn:${local.partition}:lambda:${local.region}:${local.account}:layer:${local.name_prefix}-${layer}:*"]
      },
      {
        Sid      = "SeeRules"
        Action   = ["events:DescribeRule"]
        Resource = [for name in local.rules : "${local.rule_arn_prefix}-${name}"]
      },
      {
        Sid       = "DeleteModels"
        Action    = ["sagemaker:DeleteEndpoint", "sagemaker:DeleteEndpointConfig", "sagemaker:DeleteModel"]
        Resource  = [local.models, local.endpoint_configs, local.endpoints]
        Condition = local.owned
      },
      {
        Sid      = "FindVersions"
        Action   = ["sagemaker:ListModelPackages"]
        Resource = [local.model_groups, local.model_versions]
      },
      {
        Sid       = "DeleteVersions"
        Action    = ["sagemaker:DeleteModelPackage", "sagemaker:DeleteModelPackageGroup"]
        Resource  = [local.model_groups, local.model_versions]
        Condition = local.owned
      },
      {
        Sid      = "SeeWhoseTheyAre"
        Action   = ["sagemaker:ListTags"]
        Resource = [local.tuning_jobs, local.transform_jobs, local.model_groups, local.models, local.endpoint_configs, local.endpoints]
      },
    ])
  }
}
