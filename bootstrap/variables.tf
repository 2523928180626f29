variable "project" {
  description = "Name of the project; it starts every name."
  type        = string
  nullable    = false
  default     = "lakeloop"

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]*[a-z0-9])?$", var.project))
    error_message = "Write lower case letters, digits and hyphens, a letter first, such as lakeloop."
  }
}

variable "region" {
  description = "AWS region whose environments follow."
  type        = string
  nullable    = false
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "Write a region's code, such as us-east-1."
  }
}

variable "account_wide" {
  description = "Whether this region holds what the account needs once: the bucket for states, and GitHub's roles. False in a second region."
  type        = bool
  nullable    = false
  default     = true
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  nullable    = false
  default     = {}
}

variable "github_repository" {
  description = "Repository whose workflows plan and deploy, as owner/name; null where they do not."
  type        = string
  default     = null

  validation {
    condition     = var.github_repository == null || can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "Write owner/name, such as example/lakeloop."
  }
}

variable "github_environments" {
  description = "What may be deployed from GitHub, each with the policies that its deploy role gets: the rights to make what infra/ makes, within your account's rules."
  type        = map(object({ policy_arns = set(string) }))
  nullable    = false
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.github_environments) : can(regex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", name))])
    error_message = "Name environments as envs/ does, such as prod."
  }
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds what the roles may do; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/", var.permissions_boundary_arn))
    error_message = "Write the ARN of a policy, such as arn:aws:iam::123456789012:policy/boundary."
  }
}
