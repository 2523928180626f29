# What each function may do: the AWS calls its code makes, on the resources it makes them on.

locals {
  read_contracts = {
    Sid      = "ReadContracts"
    Action   = ["s3:GetObjectVersion"]
    Resource = ["${local.bucket_arns.artifacts}/contracts/*"]
  }

  # Without it S3 answers 403 and not 404 for an object that is not there.
  list_artifacts = {
    Sid      = "ListArtifacts"
    Action   = ["s3:ListBucket"]
    Resource = [local.bucket_arns.artifacts]
  }

  read_lakefs_key = {
    Sid      = "ReadLakefsKey"
    Action   = ["secretsmanager:GetSecretValue"]
    Resource = [module.lakefs.secret_arn]
  }

  pass_execution_role = {
    Sid       = "PassExecutionRole"
    Action    = ["iam:PassRole"]
    Resource  = [module.sagemaker.execution_role_arn]
    Condition = { StringEquals = { "iam:PassedToService" = "sagemaker.amazonaws.com" } }
  }

  # A person may have an endpoint scaled automatically; deleting it ends that in the name of whoever deletes.
  end_scaling = [
    {
      Sid      = "SeeAutomaticScaling"
      Action   = ["application-autoscaling:DescribeScalableTargets"]
      Resource = ["*"] # This call knows no resources.
    },
    {
      Sid       = "EndAutomaticScaling"
      Action    = ["application-autoscaling:DeregisterScalableTarget"]
      Resource  = ["arn:${local.partition}:application-autoscaling:${var.region}:${local.account}:scalable-target/*"]
      Condition = { StringEquals = { "application-autoscaling:service-namespace" = "sagemaker" } }
    },
  ]

  keep_reports = {
    Sid      = "KeepReports"
    Action   = ["s3:GetObject", "s3:PutObject"]
    Resource = ["${local.bucket_arns.artifacts}/state/*"]
  }

  read_contracts_of_models = {
    Sid      = "ReadContractsOfModels"
    Action   = ["s3:GetObject"]
    Resource = ["${local.bucket_arns.artifacts}/models/contracts/*"]
  }

  see_versions = {
    Sid      = "SeeVersions"
    Action   = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"]
    Resource = [local.model_groups, local.model_versions]
  }

  tell_start_tuning = {
    Sid      = "TellStartTuning"
    Action   = ["sns:Publish"]
    Resource = [local.start_tuning_topic_arn]
  }

  chain_statements = { for chain in keys(local.chains) : chain => [
    local.read_contracts,
    local.list_artifacts,
    {
      Sid      = "KeepFailures"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = ["${local.bucket_arns.artifacts}/failures/${chain}/*"]
    },
    {
      Sid      = "MarkMessages"
      Action   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      Resource = ["${local.bucket_arns.artifacts}/started/${chain}/*"]
    },
  ] }

  # <prefix>-<12 characters>, which no name of an environment whose prefix begins with this one's can be.
  tuning_jobs      = "${local.sagemaker_arn_prefix}:hyper-parameter-tuning-job/${local.name_prefix}-????????????"
  training_jobs    = "${local.sagemaker_arn_prefix}:training-job/${local.name_prefix}-????????????-*"
  transform_jobs   = "${local.sagemaker_arn_prefix}:transform-job/${local.name_prefix}-????????????-????????????"
  models           = "${local.sagemaker_arn_prefix}:model/${local.name_prefix}-*"
  endpoint_configs = "${local.sagemaker_arn_prefix}:endpoint-config/${local.name_prefix}-*"
  endpoints        = "${local.sagemaker_arn_prefix}:endpoint/${local.name_prefix}-*"
  # A group of versions for each dataset, and the versions.
  model_groups   = "${local.sagemaker_arn_prefix}:model-package-group/${local.name_prefix}-*"
  model_versions = "${local.sagemaker_arn_prefix}:model-package/${local.name_prefix}-*"

  # Names of an environment whose prefix begins with this one's match these too, tags do not. What is not there has no tags:
  # SageMaker says so itself, and what a person made without tags the functions refuse with a sentence.
  tag   = "lakeloop:environment"
  owned = { StringEqualsIfExists = { "aws:ResourceTag/${local.tag}" = local.name_prefix } }
  made  = merge(local.owned, { StringEquals = { "aws:RequestTag/${local.tag}" = local.name_prefix } })
  # Also of what is just being made, which has no tags yet.
  tagged = { StringEqualsIfExists = {
    "aws:RequestTag/${local.tag}"  = local.name_prefix
    "aws:ResourceTag/${local.tag}" = local.name_prefix
  } }

  ingest_statements = [
    local.read_lakefs_key,
    {
      Sid      = "ReadLandedFiles"
      Action   = ["s3:GetObject", "s3:GetObjectVersion"]
      Resource = ["${local.bucket_arns.landing}/incoming/*"]
    },
    {
      Sid      = "ListLandedFiles"
      Action   = ["s3:ListBucket", "s3:ListBucketVersions"]
      Resource = [local.bucket_arns.landing]
    },
    {
      Sid      = "QuarantineRows"
      Action   = ["s3:PutObject"]
      Resource = ["${local.bucket_arns.artifacts}/quarantine/*"]
    },
    local.tell_start_tuning,
  ]

  statements = {
    transform_data = concat(local.chain_statements.transform_data, local.ingest_statements)
    replay_landing = concat(local.chain_statements.replay_landing, local.ingest_statements)

    remake_features = concat(local.chain_statements.remake_features, [local.read_lakefs_key, local.tell_start_tuning])

    reconcile_landing = concat(local.chain_statements.reconcile_landing, [
      local.read_lakefs_key,
      {
        Sid      = "ListLandedFiles"
        Action   = ["s3:ListBucketVersions"]
        Resource = [local.bucket_arns.landing]
      },
      {
        Sid    = "SeeWhatBecameOfFiles"
        Action = ["s3:GetObject"]
        Resource = [
          "${local.bucket_arns.artifacts}/quarantine/*",
          "${local.bucket_arns.artifacts}/failures/replay_landing/*",
          "${local.bucket_arns.artifacts}/failures/transform_data/*",
        ]
      },
      {
        Sid      = "KeepFindings"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = ["${local.bucket_arns.artifacts}/reconciled/*"]
      },
      {
        Sid      = "KeepReports"
        Action   = ["s3:PutObject"]
        Resource = ["${local.bucket_arns.artifacts}/state/*"]
      },
      {
        Sid      = "TellOfLandedFiles"
        Action   = ["sns:Publish"]
        Resource = [local.transform_data_topic_arn, local.reconcile_landing_topic_arn]
      },
    ])

    advance_splits = concat(local.chain_statements.advance_splits, [
      local.read_lakefs_key,
      local.tell_start_tuning,
      local.keep_reports,
      {
        Sid      = "AskForTheRest"
        Action   = ["sns:Publish"]
        Resource = [local.advance_splits_topic_arn]
      },
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
      {
        Sid      = "FindTuningJobs"
        Action   = ["sagemaker:ListHyperParameterTuningJobs"]
        Resource = ["*"]
      },
      {
        Sid      = "SeeWhatServes"
        Action   = ["sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig", "sagemaker:DescribeHyperParameterTuningJob", "sagemaker:ListTags"]
        Resource = [local.tuning_jobs, local.endpoint_configs, local.endpoints]
      },
      {
        Sid      = "TellSteps"
        Action   = ["sns:Publish"]
        Resource = [local.start_tuning_topic_arn, local.evaluate_model_topic_arn, local.deploy_model_topic_arn, local.reconcile_topic_arn]
      },
    ])

    compact = concat(local.chain_statements.compact, [
      local.read_lakefs_key,
      local.keep_reports,
      {
        Sid      = "AskForTheRest"
        Action   = ["sns:Publish"]
        Resource = [local.compact_topic_arn]
      },
    ])

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
        Resource = [local.remake_features_topic_arn]
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
      {
        Sid      = "FindTuningJobs"
        Action   = ["sagemaker:ListHyperParameterTuningJobs"]
        Resource = ["*"]
      },
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
        Sid      = "ReadModels"
        Action   = ["s3:GetObject"]
        Resource = ["${local.bucket_arns.artifacts}/training/*"]
      },
      {
        Sid = "ReadTuningResults"
        Action = [
          "sagemaker:DescribeHyperParameterTuningJob",
          "sagemaker:DescribeTrainingJob",
          "sagemaker:ListTags",
          "sagemaker:ListTrainingJobsForHyperParameterTuningJob",
        ]
        Resource = [local.tuning_jobs, local.training_jobs]
      },
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
      {
        Sid      = "HaveModelsJudgedAgain"
        Action   = ["sns:Publish"]
        Resource = [local.evaluate_model_topic_arn]
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

    record_experiment = local.tracking_statements

    predict = [
      local.read_contracts,
      local.list_artifacts,
      local.read_contracts_of_models,
      {
        Sid       = "Predict"
        Action    = ["sagemaker:InvokeEndpoint"]
        Resource  = [local.endpoints]
        Condition = local.owned
      },
      {
        Sid      = "SeeWhatServes"
        Action   = ["sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig", "sagemaker:ListTags"]
        Resource = [local.endpoint_configs, local.endpoints]
      },
    ]

    bootstrap_lake = [
      local.read_lakefs_key,
      local.read_contracts,
      local.list_artifacts,
      {
        Sid      = "ApproveContracts"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = ["${local.bucket_arns.artifacts}/contracts/approved/*"]
      },
    ]

    guard_data = [
      {
        Sid      = "SeeWhatBucketsHold"
        Action   = ["s3:ListBucketVersions"]
        Resource = values(local.bucket_arns)
      },
    ]

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
