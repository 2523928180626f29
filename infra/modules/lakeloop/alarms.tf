# What goes wrong without a message in a dead-letter queue; `lakeloop status` says which dataset and why.

locals {
  told = {
    tuning-without-model = {
      chain  = "evaluate_model"
      metric = "TuningWithoutModel"
      text   = "A tuning job ended without a model: it is tried again up to three times. `lakeloop status` shows the reason."
    }
    evaluation-failed = {
      chain  = "evaluate_model"
      metric = "EvaluationFailed"
      text   = "A model could not be scored, so it is rejected unseen. `lakeloop status` shows the reason."
    }
    deployment-failed = {
      chain  = "deploy_model"
      metric = "DeploymentFailed"
      text   = "An endpoint did not come to its new model; where there was an old one, that serves on. `lakeloop status` shows the reason."
    }
    captures-lost = {
      chain  = "predict"
      metric = "CapturesLost"
      text   = "Predictions were answered and are not kept: their topic or the bucket of captures is away. `lakeloop logs predict` shows why."
    }
    model-not-deployed = {
      chain  = "start_tuning"
      metric = "ModelNotDeployed"
      text   = "A model is trained and nobody judged it: the event of its job was lost. `lakeloop status` shows the job."
    }
  }

  # Hours after which a dataset that nobody dropped a file for is told, by its contract's expect_every.
  silences = {
    for name, every in { for name, contract in local.contracts : name => try(contract.expect_every, null) } :
    name => tonumber(substr(every, 0, length(every) - 1)) * (endswith(every, "d") ? 24 : 1) if every != null
  }

  # Seconds after which a dataset is told for which no model was trained, by its contract's retrain.max_age.
  ages = {
    for name, age in { for name, contract in local.contracts : name => try(contract.retrain.max_age, null) } :
    name => tonumber(substr(age, 0, length(age) - 1)) * (endswith(age, "d") ? 24 : 1) * 3600 if age != null
  }
}

module "told" {
  source = "../alarms"

  topic_arn = var.alarm_topic_arn
  alarms = { for name, told in local.told : name => {
    name       = "${local.name_prefix}-${name}"
    text       = told.text
    runbook    = name
    namespace  = local.name_prefix
    metric     = told.metric
    dimensions = { service = told.chain }
  } }

  tags = local.tags
}

module "silence" {
  source = "../alarms"

  topic_arn = var.alarm_topic_arn
  alarms = { for dataset, hours in local.silences : dataset => {
    name           = "${local.name_prefix}-silence-${replace(dataset, "_", "-")}"
    runbook        = "silence"
    text           = "No file of ${dataset} was taken for ${hours} hours: look at who drops them, `lakeloop dlq list` and the quarantine."
    namespace      = local.name_prefix
    metric         = "FilesTaken"
    dimensions     = { dataset = dataset, service = "transform_data" }
    period_seconds = 3600
    periods        = hours
    red_when       = "LessThanThreshold"
    threshold      = 1
    missing        = "breaching"
  } }

  tags = local.tags
}

# start_tuning tells the age of each model by the hour; a few hours more let the job end that the age starts.
module "age" {
  source = "../alarms"

  topic_arn = var.alarm_topic_arn
  alarms = { for dataset, seconds in local.ages : dataset => {
    name           = "${local.name_prefix}-age-${replace(dataset, "_", "-")}"
    runbook        = "model-age"
    text           = "No model of ${dataset} was trained for ${seconds / 3600} hours: nothing is new, jobs fail, or start_tuning is not woken. `lakeloop status` shows why."
    namespace      = local.name_prefix
    metric         = "ModelAge"
    dimensions     = { dataset = dataset, service = "start_tuning" }
    statistic      = "Maximum"
    period_seconds = 3600
    periods        = 6
    threshold      = seconds
    missing        = "breaching"
  } }

  tags = local.tags
}

locals {
  # Datasets whose predictions are watched: those that are learned, unless nothing of them is kept.
  watched_datasets = [for name, contract in local.contracts : name if try(contract.problem, null) != null && try(contract.capture.enabled, true)]

  watch_alarms = merge(
    { for dataset in local.watched_datasets : "drift-${replace(dataset, "_", "-")}" => {
      dataset = dataset
      runbook = "drift"
      metric  = "InputsDrift"
      text    = "What is predicted of ${dataset} is not like what its model learned from. `lakeloop drift ${dataset}` shows which columns."
    } },
    { for dataset in local.watched_datasets : "decay-${replace(dataset, "_", "-")}" => {
      dataset = dataset
      runbook = "decay"
      metric  = "AnswersDecay"
      text    = "The model of ${dataset} is worse on labelled predictions than on its test rows. `lakeloop drift ${dataset}` shows both."
    } },
  )
}

# monitor tells by the hour whether it is so. Where it was not woken for an hour, what it said before stands.
module "watch" {
  source = "../alarms"

  topic_arn = var.alarm_topic_arn
  alarms = { for name, alarm in local.watch_alarms : name => {
    name           = "${local.name_prefix}-${name}"
    runbook        = alarm.runbook
    text           = alarm.text
    namespace      = local.name_prefix
    metric         = alarm.metric
    dimensions     = { dataset = alarm.dataset, service = "monitor" }
    statistic      = "Maximum"
    period_seconds = 3600
    missing        = "ignore"
  } }

  tags = local.tags
}

locals {
  # How requests move to a new model of a dataset, by its contract's serving.traffic.
  traffic = { for name, traffic in { for name, contract in local.contracts : name => try(contract.serving.traffic, null) } :
  name => traffic if traffic != null }

  watched = flatten([for name, traffic in local.traffic : [
    for endpoint in local.endpoint_names : { dataset = name, endpoint = endpoint, traffic = traffic }
    if trimprefix(trimprefix(endpoint, "${local.name_prefix}-"), "-") == replace(name, "_", "-")
  ]])

  # What brings them back while they move, and tells somebody at any other time.
  serving_alarms = merge(
    { for watched in local.watched : "${watched.endpoint}-serving-errors" => {
      endpoint  = watched.endpoint
      text      = "The model of ${watched.dataset} answered more than ${watched.traffic.max_errors} requests of a minute with 5xx. An update that is under way is rolled back."
      metric    = "Invocation5XXErrors"
      statistic = "Sum"
      threshold = watched.traffic.max_errors
    } },
    { for watched in local.watched : "${watched.endpoint}-serving-latency" => {
      endpoint  = watched.endpoint
      text      = "The model of ${watched.dataset} took more than ${watched.traffic.max_latency_ms} ms for an answer, in the mean of a minute. An update that is under way is rolled back."
      metric    = "ModelLatency"
      statistic = "Average"
      threshold = watched.traffic.max_latency_ms * 1000
    } if try(watched.traffic.max_latency_ms, null) != null },
  )
}

# deploy_model names them to SageMaker (lakeloop.names).
module "serving" {
  source = "../alarms"

  topic_arn = var.alarm_topic_arn
  alarms = { for name, alarm in local.serving_alarms : name => {
    name           = name
    runbook        = "serving"
    text           = alarm.text
    namespace      = "AWS/SageMaker"
    metric         = alarm.metric
    dimensions     = { EndpointName = alarm.endpoint, VariantName = "AllTraffic" }
    statistic      = alarm.statistic
    period_seconds = 60
    threshold      = alarm.threshold
  } }

  tags = local.tags
}
