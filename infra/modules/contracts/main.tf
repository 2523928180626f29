# The dataset contracts, read and checked: a wrong one fails `terraform plan` with the file, the path in it and what was
# expected. schema.json is written from lakeloop.contract, so that a field is described once; what a schema cannot say is in
# rules.tf.

locals {
  files = { for file in fileset(var.directory, "*.yaml") : trimsuffix(file, ".yaml") => "${var.directory}/${file}" }

  readable  = [for name, path in local.files : name if can(keys(yamldecode(file(path))))]
  contracts = { for name in local.readable : name => yamldecode(file(local.files[name])) }

  schema = jsondecode(file("${path.module}/schema.json"))
  kinds  = merge(local.schema["$defs"], { Contract = local.schema })

  # Every key that a kind of mapping may have: its schema without the `or null` of optional ones, and that in words.
  fields = { for kind, definition in local.kinds : kind => {
    for key, property in definition.properties : key => try([for option in property.anyOf : option if try(option.type, "") != "null"][0], property)
  } }
  expectations = { for kind, fields in local.fields : kind => {
    for key, field in fields : key => join(", ", compact([
      try(field.type, "object"),
      try("one of ${join(", ", field.enum)}", ""),
      try("matching ${field.pattern}", ""),
      try("at least ${field.minimum}", ""),
      try("at most ${field.maximum}", ""),
      try("above ${field.exclusiveMinimum}", ""),
      try("below ${field.exclusiveMaximum}", ""),
      try("with at least ${field.minItems} entries", ""),
      try("with at least ${field.minProperties} entries", ""),
      try("with at most ${field.maxProperties} entries", ""),
    ]))
  } }

  # Every mapping of every contract: where it stands and of which kind it is.
  parts = flatten([for name, contract in local.contracts : concat(
    [{ file = name, path = "", kind = "Contract", value = contract }],
    [for key, property in local.schema.properties :
      { file = name, path = "${key}.", kind = trimprefix(property["$ref"], "#/$defs/"), value = try(contract[key], null) } if can(property["$ref"])
    ],
    [for index, column in try(contract.columns, []) :
      { file = name, path = "columns[${index}].", kind = "Column", value = column }
    ],
    [for key, range in try(contract.training.ranges, {}) :
      { file = name, path = "training.ranges.${key}.", kind = "Range", value = range }
    ],
    [
      { file = name, path = "serving.serverless.", kind = "Serverless", value = try(contract.serving.serverless, null) },
      { file = name, path = "serving.instances.", kind = "Instances", value = try(contract.serving.instances, null) },
    ],
  )])

  missing_keys = flatten([for part in local.parts : [
    for key in try(local.kinds[part.kind].required, []) :
    "${part.file}.yaml: ${part.path}${key}: expected ${local.expectations[part.kind][key]}, found nothing" if try(part.value[key], null) == null
  ] if can(keys(part.value))])

  unknown_keys = flatten([for part in local.parts : [
    for key in setsubtract(keys(part.value), keys(local.fields[part.kind])) :
    "${part.file}.yaml: ${part.path}${key}: expected one of ${join(", ", keys(local.fields[part.kind]))}"
  ] if can(keys(part.value))])

  wrong_values = flatten([for part in local.parts : [
    for key, field in local.fields[part.kind] :
    "${part.file}.yaml: ${part.path}${key}: expected ${local.expectations[part.kind][key]}, found ${jsonencode(part.value[key])}"
    if try(part.value[key], null) != null && anytrue([
      !try({
        string  = startswith(jsonencode(part.value[key]), "\"")
        array   = startswith(jsonencode(part.value[key]), "[")
        object  = startswith(jsonencode(part.value[key]), "{")
        boolean = can(tobool(part.value[key]))
        number  = can(tonumber(part.value[key]))
        integer = try(floor(part.value[key]) == tonumber(part.value[key]), false)
      }[try(field.type, "object")], false),
      try(!contains(field.enum, part.value[key]), false),
      try(length(regexall(field.pattern, part.value[key])) == 0, false),
      try(part.value[key] < field.minimum, false),
      try(part.value[key] > field.maximum, false),
      try(part.value[key] <= field.exclusiveMinimum, false),
      try(part.value[key] >= field.exclusiveMaximum, false),
      try(length(part.value[key]) < field.minItems, false),
      try(length(part.value[key]) < field.minProperties, false),
      try(length(part.value[key]) > field.maxProperties, false),
    ])
  ] if can(keys(part.value))])

  problems = concat(
    [for name in setsubtract(keys(local.files), local.readable) : "${name}.yaml: expected a YAML mapping"],
    local.missing_keys,
    local.unknown_keys,
    local.wrong_values,
    local.broken_rules,
  )
}
