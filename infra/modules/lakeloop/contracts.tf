# The contracts of the datasets: compiled, approved, and told to the functions.

module "contracts" {
  source = "../contracts"

  directory          = var.contracts_directory
  compiled_directory = var.compiled_contracts_directory
  name_prefix        = local.name_prefix
}

locals {
  # By dataset; a key may be absent, whose default is that of the contract's documentation.
  contracts = { for name, document in module.contracts.documents : name => jsondecode(document).contract }

  # Whether there is anything to ask for without a key; of which dataset, the function decides.
  has_public_columns = anytrue(flatten([
    for contract in values(local.contracts) : [for column in try(contract.columns, []) : try(column.public, false)]
  ]))
}

# Functions read contracts by version, and every version through one index: a function has all of one apply or all of another.
resource "aws_s3_object" "contract" {
  for_each = module.contracts.documents

  bucket       = module.storage.names.artifacts
  key          = "contracts/${each.key}.json"
  content      = each.value
  content_type = "application/json"

  # The contract of a dataset that is gone goes after the functions that were told of it.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_s3_object" "contracts_index" {
  bucket = module.storage.names.artifacts
  key    = "contracts/index.json"
  content = jsonencode({
    format = 1
    contracts = { for name, document in aws_s3_object.contract : name => {
      key        = document.key
      version_id = document.version_id
      sha256     = sha256(module.contracts.documents[name])
    } }
  })
  content_type = "application/json"
}

# A changed contract that would misread the data on main fails the apply before any function is told of it. Made anew for each
# index, so that one that was refused is in no state and is judged again.
resource "aws_lambda_invocation" "approve_contracts" {
  function_name = module.bootstrap["bootstrap_lake"].name
  input         = jsonencode({ approve = local.contracts_index })

  depends_on = [aws_lambda_invocation.bootstrap_lake]
}

# A changed `serving` section reaches the endpoints that are there, without waiting for another model. Of all datasets at once
# there would be more to ask SageMaker than one invocation has time for.
resource "aws_lambda_invocation" "serve_as_contracts_say" {
  for_each = local.contracts

  function_name = module.event_chain["deploy_model"].function.name
  input         = jsonencode({ datasets = { (each.key) = sha256(jsonencode(each.value.serving)) } })
}

# What functions make for a dataset is in no state and outlives its contract. This holds nothing: it is what the plan shows
# when the contract goes.
resource "terraform_data" "contract" {
  for_each = toset(local.datasets)

  input = {
    stays_when_destroyed = join(" ", [
      "endpoint and lakeFS repository ${local.name_prefix}-${replace(each.key, "_", "-")} and its models:",
      "`lakeloop dataset delete ${each.key}` deletes them",
    ])
  }
}
