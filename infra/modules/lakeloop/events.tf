# What wakes the steps beside what they say to each other: what SageMaker tells of its work, and the clock.

locals {
  # What SageMaker says, and who wants to know it: of this environment only, not of one whose prefix begins with ours. Events
  # spell an endpoint's states otherwise than the API, so they are told apart by name only; a pattern has at most 2048
  # characters, which 30 names fit.
  state_changes = merge(
    {
      tuning-state = {
        detail-type = ["SageMaker HyperParameter Tuning Job State Change"]
        detail = {
          HyperParameterTuningJobName   = [{ prefix = "${local.name_prefix}-" }]
          HyperParameterTuningJobStatus = ["Completed", "Failed", "Stopped"]
          TrainingJobDefinition         = { RoleArn = ["${local.role_arn_prefix}-sagemaker"] }
        }
      }
      transform-state = {
        detail-type = ["SageMaker Transform Job State Change"]
        detail = {
          TransformJobName   = [{ prefix = "${local.name_prefix}-" }]
          TransformJobStatus = ["Completed", "Failed", "Stopped"]
        }
      }
    },
    { for number, names in chunklist(local.endpoint_names, 30) : "endpoint-state${number == 0 ? "" : "-${number + 1}"}" => {
      detail-type = ["SageMaker Endpoint State Change"]
      detail      = { EndpointName = names }
    } },
    { for number, names in chunklist(local.group_names, 30) : "package-state${number == 0 ? "" : "-${number + 1}"}" => {
      detail-type = ["SageMaker Model Package State Change"]
      detail      = { ModelPackageGroupName = names, ModelApprovalStatus = ["Approved"] }
    } },
  )
  wakes = concat(
    [for chain in ["evaluate_model", "start_tuning"] : { rule = "tuning-state", chain = chain }],
    [{ rule = "transform-state", chain = "evaluate_model" }],
    [for rule in keys(local.state_changes) : { rule = rule, chain = "deploy_model" } if contains(["endpoint", "package"], split("-", rule)[0])],
  )

  # What a chain is told by the clock.
  schedules = {
    reconcile-landing = {
      chain   = "reconcile_landing"
      every   = "rate(1 hour)"
      message = { version = 1 }
    }
    advance-splits = {
      chain   = "advance_splits"
      every   = "rate(1 hour)"
      message = { version = 1 }
    }
    # An event that was lost costs a quarter of an hour, twice that where it was on its way when this looked.
    reconcile = {
      chain   = "reconcile"
      every   = "rate(15 minutes)"
      message = { version = 1 }
    }
    join-feedback = {
      chain   = "join_feedback"
      every   = "rate(1 hour)"
      message = { version = 1 }
    }
    monitor = {
      chain   = "monitor"
      every   = "rate(1 hour)"
      message = { version = 1 }
    }
    compact = {
      chain   = "compact"
      every   = "rate(1 hour)"
      message = { version = 1 }
    }
    # For models that are too old, and for what waits longer than a message can.
    retrain = {
      chain   = "start_tuning"
      every   = "rate(1 hour)"
      message = { version = 1, reason = "schedule" }
    }
  }
}

# SageMaker --> EventBridge --> evaluate_model, deploy_model, start_tuning
resource "aws_cloudwatch_event_rule" "sagemaker" {
  for_each = local.state_changes

  name          = "${local.name_prefix}-${each.key}"
  description   = "Wakes ${join(" and ", [for wake in local.wakes : wake.chain if wake.rule == each.key])}: ${each.value.detail-type[0]}"
  event_pattern = jsonencode(merge({ source = ["aws.sagemaker"] }, each.value))

  tags = local.tags

  # By it reap_endpoints sees whether the environment stays.
  depends_on = [aws_lambda_invocation.reap_endpoints]
}

resource "aws_cloudwatch_event_target" "sagemaker" {
  for_each = { for wake in local.wakes : "${wake.rule}-${wake.chain}" => wake }

  rule      = aws_cloudwatch_event_rule.sagemaker[each.value.rule].name
  target_id = replace(each.value.chain, "_", "-")
  arn       = module.event_chain[each.value.chain].topic_arn

  retry_policy {
    maximum_event_age_in_seconds = 24 * 3600
    maximum_retry_attempts       = 185
  }

  dead_letter_config {
    arn = module.event_chain[each.value.chain].dlq_arn
  }
}

# clock --> the chains of schedules
resource "aws_cloudwatch_event_rule" "schedule" {
  for_each = local.schedules

  name                = "${local.name_prefix}-${each.key}"
  description         = "Wakes ${each.value.chain}: ${each.value.every}"
  schedule_expression = each.value.every

  tags = local.tags

  # By it reap_endpoints sees whether the environment stays.
  depends_on = [aws_lambda_invocation.reap_endpoints]
}

resource "aws_cloudwatch_event_target" "schedule" {
  for_each = local.schedules

  rule      = aws_cloudwatch_event_rule.schedule[each.key].name
  target_id = each.key
  arn       = module.event_chain[each.value.chain].topic_arn
  input     = jsonencode(each.value.message)

  # The next one does what this one would have done.
  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 185
  }

  dead_letter_config {
    arn = module.event_chain[each.value.chain].dlq_arn
  }
}
