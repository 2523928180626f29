# Log groups that are there though Terraform has not made them: a function or an endpoint that wrote a last line after a destroy,
# or after its dataset was removed, had AWS make the group again. They are taken over, and get their retention and key. Terraform
# takes import blocks of a root only, so a root of your own may have these too.

data "aws_cloudwatch_log_groups" "there" {
  for_each = toset(["/aws/lambda/", "/aws/sagemaker/Endpoints/"])

  log_group_name_prefix = "${each.key}${module.lakeloop.name_prefix}-"
}

locals {
  log_groups = toset(flatten([for found in data.aws_cloudwatch_log_groups.there : tolist(found.log_group_names)]))
  found_logs = { for kind, names in module.lakeloop.log_group_names : kind => { for name, group in names : name => group if contains(local.log_groups, group) } }
}

import {
  for_each = local.found_logs.chains
  to       = module.lakeloop.module.event_chain[each.key].module.function.aws_cloudwatch_log_group.this
  id       = each.value
}

import {
  for_each = local.found_logs.functions
  to       = module.lakeloop.module.function[each.key].aws_cloudwatch_log_group.this
  id       = each.value
}

import {
  for_each = local.found_logs.bootstrap
  to       = module.lakeloop.module.bootstrap[each.key].aws_cloudwatch_log_group.this
  id       = each.value
}

import {
  for_each = local.found_logs.endpoints
  to       = module.lakeloop.module.sagemaker.aws_cloudwatch_log_group.endpoint[each.key]
  id       = each.value
}
