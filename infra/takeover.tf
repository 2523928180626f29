# Log groups that are there though Terraform has not made them: a function or an endpoint that wrote a last line after a destroy,
# or after its dataset was removed, had AWS make the group again. They are taken over, and get their retention and key.

data "aws_cloudwatch_log_groups" "there" {
  for_each = toset(["/aws/lambda/", "/aws/sagemaker/Endpoints/"])

  log_group_name_prefix = "${each.key}${local.name_prefix}-"
}

locals {
  log_groups = toset(flatten([for found in data.aws_cloudwatch_log_groups.there : tolist(found.log_group_names)]))

  # By the key of the resource that is to have it.
  function_logs = { for name in keys(merge(local.chains, local.functions)) : name => "/aws/lambda/${local.name_prefix}-${replace(name, "_", "-")}" }
  found_logs    = { for name, group in local.function_logs : name => group if contains(local.log_groups, group) }
}

import {
  for_each = { for name, group in local.found_logs : name => group if contains(keys(local.chains), name) }
  to       = module.event_chain[each.key].module.function.aws_cloudwatch_log_group.this
  id       = each.value
}

import {
  for_each = { for name, group in local.found_logs : name => group if contains(keys(local.functions), name) && name != "bootstrap_lake" }
  to       = module.function[each.key].aws_cloudwatch_log_group.this
  id       = each.value
}

import {
  for_each = { for name, group in local.found_logs : name => group if name == "bootstrap_lake" }
  to       = module.bootstrap[each.key].aws_cloudwatch_log_group.this
  id       = each.value
}

import {
  for_each = toset([for name in local.endpoint_names : name if contains(local.log_groups, "/aws/sagemaker/Endpoints/${name}")])
  to       = module.sagemaker.aws_cloudwatch_log_group.endpoint[each.key]
  id       = "/aws/sagemaker/Endpoints/${each.key}"
}
