# A state belongs to one environment of one account and region. Values of another one, applied to it because a backend was
# not switched, would replace everything, buckets too; so all names come from here, and nothing is planned against it.

locals {
  wanted_owner = {
    name_prefix = "${var.project}-${var.environment}"
    account     = data.aws_caller_identity.current.account_id
    region      = local.region
  }
}

# Names of roles are the account's in all regions. The first role of each environment tells where that is.
data "aws_iam_roles" "taken" {
  name_regex = "^${local.wanted_owner.name_prefix}-transform-data$"
}

data "aws_iam_role" "taken" {
  for_each = data.aws_iam_roles.taken.names

  name = each.key
}

locals {
  other_regions = distinct([for role in data.aws_iam_role.taken : role.tags["lakeloop:region"] if lookup(role.tags, "lakeloop:region", local.region) != local.region])
}

resource "terraform_data" "owner" {
  input = local.wanted_owner

  lifecycle {
    precondition {
      condition     = length(local.other_regions) == 0
      error_message = "Names of roles and buckets are taken by ${local.wanted_owner.name_prefix} in ${join(" and ", local.other_regions)}: choose another environment name for ${local.region}."
    }

    # What was written first is kept, and compared.
    ignore_changes = [input]

    postcondition {
      condition     = jsonencode(self.input) == jsonencode(local.wanted_owner)
      error_message = "This state belongs to ${self.input.name_prefix} in ${self.input.region} of account ${self.input.account}; values and credentials name ${local.wanted_owner.name_prefix} in ${local.wanted_owner.region} of account ${local.wanted_owner.account}. Select the other backend (terraform init -reconfigure -backend-config=...), or name the values of this one. To move this environment for good, which replaces everything in it, plan with -replace and the address of this resource."
    }
  }
}
