# How the values of a contract must fit together. What is missing or of the wrong type is reported in main.tf and passed over
# here: such a rule cannot be evaluated, and `try` calls it unbroken.

locals {
  # Endpoint configs are named <prefix>-<dataset>-<12 characters>, and SageMaker takes 63.
  longest_name = 63 - length("${var.name_prefix}--123456789012")

  metrics     = { binary = ["auc", "aucpr", "error", "logloss"], multiclass = ["merror", "mlogloss"], regression = ["mae", "rmse"] }
  label_types = { binary = ["category"], multiclass = ["category"], regression = ["float", "integer"] }

  # Columns by name; as lists, because a name that is there twice is one of the things to find.
  columns = { for name, contract in local.contracts : name => {
    for column in try(contract.columns, []) : column.name => column... if can(tostring(column.name))
  } }
  row_keys = { for name, contract in local.contracts : name => try(local.columns[name][contract.row_key][0], null) }
  labels   = { for name, contract in local.contracts : name => try(local.columns[name][contract.label][0], null) }

  contract_rules = { for name, c in local.contracts : name => [
    {
      path     = "name"
      expected = "${name}, as the file is called"
      broken   = try(c.name != name, false)
    },
    {
      path     = "name"
      expected = "at most ${local.longest_name} characters, for the names that SageMaker is given"
      broken   = try(length(c.name) > local.longest_name, false)
    },
    {
      path     = "columns"
      expected = "each name once"
      broken   = anytrue([for same in values(local.columns[name]) : length(same) > 1])
    },
    {
      path     = "row_key"
      expected = "the name of a column"
      broken   = try(!contains(keys(local.columns[name]), c.row_key), false)
    },
    {
      path     = "row_key"
      expected = "a column that is not nullable"
      broken   = try(local.row_keys[name].nullable, false)
    },
    {
      path     = "label"
      expected = "the name of a column"
      broken   = try(!contains(keys(local.columns[name]), c.label), false)
    },
    {
      path     = "label"
      expected = "a column that is not nullable"
      broken   = try(local.labels[name].nullable, false)
    },
    {
      path     = "label"
      expected = "another column than the row key"
      broken   = try(c.label == c.row_key, false)
    },
    {
      path     = "label"
      expected = "a column of type ${try(join(" or ", local.label_types[c.problem]), "")}"
      broken   = try(!contains(local.label_types[c.problem], local.labels[name].type), false)
    },
    {
      path     = "label"
      expected = "a column with 2 allowed values"
      broken   = try(c.problem == "binary" && length(local.labels[name].allowed) != 2, false)
    },
    {
      path     = "positive_class"
      expected = "a class of a binary problem, and nothing for others"
      broken   = try((c.problem == "binary") != (try(c.positive_class, null) != null), false)
    },
    {
      path     = "positive_class"
      expected = "an allowed value of the label"
      broken   = try(!contains(local.labels[name].allowed, c.positive_class), false)
    },
    {
      path     = "splits"
      expected = "fractions whose sum is 1"
      broken   = try(abs(c.splits.train + c.splits.validation + c.splits.test - 1) > 0.000000001, false)
    },
    {
      path     = "training.metric"
      expected = "one of ${try(join(", ", local.metrics[c.problem]), "")}"
      broken   = try(!contains(local.metrics[c.problem], c.training.metric), false)
    },
    {
      path     = "serving"
      expected = "either serverless or instances"
      broken   = can(keys(c.serving)) && (try(c.serving.serverless, null) == null) == (try(c.serving.instances, null) == null)
    },
  ] }

  range_rules = { for name, c in local.contracts : name => [for key, range in try(c.training.ranges, {}) : {
    path     = "training.ranges.${key}"
    expected = "min less than max"
    broken   = try(range.min >= range.max, false)
  }] }

  column_rules = { for name, c in local.contracts : name => flatten([for key, columns in local.columns[name] : [for column in columns : [
    {
      path     = "columns: ${key}"
      expected = "min at most max"
      broken   = try(column.min > column.max, false)
    },
    {
      path     = "columns: ${key}"
      expected = "min and max for float and integer only"
      broken   = try(!contains(["float", "integer"], column.type), false) && (can(column.min) || can(column.max))
    },
    {
      path     = "columns: ${key}"
      expected = "allowed values for a category, and for no other type"
      broken   = try((column.type == "category") != (try(length(column.allowed), 0) > 0), false)
    },
    {
      path     = "columns: ${key}"
      expected = "each allowed value once"
      broken   = try(length(distinct(column.allowed)) < length(column.allowed), false)
    },
    {
      path     = "columns: ${key}"
      expected = "a feature of type float, integer, boolean or category"
      broken   = try(column.type == "string" && key != c.row_key && key != c.label, false)
    },
  ]]]) }

  broken_rules = flatten([for rules in [local.contract_rules, local.range_rules, local.column_rules] : [
    for name, rules_of_one in rules : [
      for rule in rules_of_one : "${name}.yaml: ${rule.path}: expected ${rule.expected}" if rule.broken
    ]
  ]])
}
