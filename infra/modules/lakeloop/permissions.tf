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
      Resource  = ["arn:${local.partition}:application-autoscaling:${local.region}:${local.account}:scalable-target/*"]
      Condition = { StringEquals = { "application-autoscaling:service-namespace" = "sagemaker" } }
    },
  ]

  keep_reports = {
    Sid      = "KeepReports"
    Action   = ["s3:GetObject", "s3:PutObject"]
    Resource = ["${local.bucket_arns.artifacts}/state/*"]
  }

  write_reports = {
    Sid      = "KeepReports"
    Action   = ["s3:PutObject"]
    Resource = ["${local.bucket_arns.artifacts}/state/*"]
  }

  list_captures = {
    Sid      = "ListCaptures"
    Action   = ["s3:ListBucket"]
    Resource = [local.bucket_arns.captures]
  }

  see_placements = {
    Sid      = "SeePlacements"
    Action   = ["s3:GetObject"]
    Resource = ["${local.bucket_arns.artifacts}/state/*/endpoint.json"]
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

  see_what_serves = {
    Sid      = "SeeWhatServes"
    Action   = ["sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig", "sagemaker:ListTags"]
    Resource = [local.endpoint_configs, local.endpoints]
  }

  find_tuning_jobs = {
    Sid      = "FindTuningJobs"
    Action   = ["sagemaker:ListHyperParameterTuningJobs"]
    Resource = ["*"]
  }

  read_tuning_results = {
    Sid = "ReadTuningResults"
    Action = [
      "sagemaker:DescribeHyperParameterTuningJob",
      "sagemaker:DescribeTrainingJob",
      "sagemaker:ListTags",
      "sagemaker:ListTrainingJobsForHyperParameterTuningJob",
    ]
    Resource = [local.tuning_jobs, local.training_jobs]
  }

  # Where there is more to do than the time of one message lasts.
  ask_for_the_rest = { for chain, topic in local.topic_arns : chain => {
    Sid      = "AskForTheRest"
    Action   = ["sns:Publish"]
    Resource = [topic]
  } }

  tell_start_tuning = {
    Sid      = "TellStartTuning"
    Action   = ["sns:Publish"]
    Resource = [local.topic_arns.start_tuning]
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

  statements = merge(local.lake_statements, local.model_statements, local.online_statements, {
    record_experiment = local.tracking_statements

    guard_data = [
      {
        Sid      = "SeeWhatBucketsHold"
        Action   = ["s3:ListBucketVersions"]
        Resource = [for role in keys(local.own_buckets) : local.bucket_arns[role]]
      },
    ]
  })
}
