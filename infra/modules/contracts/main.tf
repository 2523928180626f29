# The compiled contracts. The rules of a contract are lakeloop's: `lakeloop contract build` judges datasets/*.yaml and compiles
# them. Here it is only seen whether what was compiled is what is written; else `terraform plan` names the file and what to run.

locals {
  # What the functions read: FORMAT in lakeloop.contract.compiled.
  format = 1

  files    = fileset(var.directory, "*.yaml")
  names    = [for file in local.files : trimsuffix(file, ".yaml")]
  misnamed = fileset(var.directory, "*.yml")

  compiled = { for file in fileset(var.compiled_directory, "*.json") : trimsuffix(file, ".json") => "${var.compiled_directory}/${file}" }

  # A file that is no JSON is one of another format.
  documents = { for name in local.names : name => try(jsondecode(file(local.compiled[name])), {}) if can(local.compiled[name]) }

  missing   = setsubtract(local.names, keys(local.compiled))
  left_over = setsubtract(keys(local.compiled), local.names)
  foreign   = [for name, document in local.documents : name if try(document.format, 0) != local.format]
  older = [
    for name, document in local.documents : name
    if !contains(local.foreign, name) && try(document.digest, "") != filesha256("${var.directory}/${name}.yaml")
  ]
  # Values that a contract reads from a file beside it.
  outdated = flatten([
    for name, document in local.documents : [
      for file, digest in try(document.lists, {}) : "${name}.yaml: ${file} was changed after it was compiled"
      if try(filesha256("${var.directory}/${file}"), "") != digest
    ]
  ])

  problems = concat(
    [for file in local.misnamed : "${file}: a contract ends in .yaml: rename it"],
    length(local.files) == 0 ? ["${var.directory}: holds no contract: add <dataset>.yaml"] : [],
    [for name in local.missing : "${name}.yaml: is not compiled"],
    local.outdated,
    [for name in local.older : "${name}.yaml: was changed after it was compiled"],
    [for name in local.foreign : "${name}.yaml: was compiled by another version of lakeloop"],
    [for name in local.left_over : "${name}.json: is compiled, but there is no ${name}.yaml"],
  )

  # Endpoint configs are named <prefix>-<dataset>-<12 characters>, and SageMaker takes 63.
  longest_name = 63 - length("${var.name_prefix}--123456789012")
  too_long     = [for name in local.names : name if length(name) > local.longest_name]
}
