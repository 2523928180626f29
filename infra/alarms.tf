# What goes wrong without a message in a dead-letter queue; `lakeloop status` says which dataset and why.

locals {
  told = {
    tuning-without-model = {
      chain  = "deploy_model"
      metric = "TuningWithoutModel"
      text   = "A tuning job ended without a model: it is tried again up to three times. `lakeloop status` shows the reason."
    }
    deployment-failed = {
      chain  = "deploy_model"
      metric = "DeploymentFailed"
      text   = "An endpoint did not come to its new model; where there was an old one, that serves on. `lakeloop status` shows the reason."
    }
    model-not-deployed = {
      chain  = "start_tuning"
      metric = "ModelNotDeployed"
      text   = "A model is trained and nobody deployed it: the event of its job was lost. `lakeloop status` shows the job."
    }
  }

  # Hours after which a dataset that nobody dropped a file for is told, by its contract's expect_every.
  silences = {
    for name, every in { for name, document in module.contracts.documents : name => try(jsondecode(document).contract.expect_every, null) } :
    name => tonumber(substr(every, 0, length(every) - 1)) * (endswith(every, "d") ? 24 : 1) if every != null
  }
}

module "told" {
  source = "./modules/alarms"

  topic_arn = var.alarm_topic_arn
  alarms = { for name, told in local.told : name => {
    name       = "${local.name_prefix}-${name}"
    text       = told.text
    namespace  = local.name_prefix
    metric     = told.metric
    dimensions = { service = told.chain }
  } }
}

module "silence" {
  source = "./modules/alarms"

  topic_arn = var.alarm_topic_arn
  alarms = { for dataset, hours in local.silences : dataset => {
    name           = "${local.name_prefix}-silence-${replace(dataset, "_", "-")}"
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
}
