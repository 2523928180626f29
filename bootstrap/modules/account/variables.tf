variable "project" {
  description = "Name of the project; it starts every name."
  type        = string
  nullable    = false
}

variable "github_repository" {
  description = "Repository whose workflows plan and deploy, as owner/name; null where they do not."
  type        = string
  default     = null
}

variable "github_environments" {
  description = "What may be deployed from GitHub, each with the policies that its deploy role gets."
  type        = map(object({ policy_arns = set(string) }))
  nullable    = false
  default     = {}
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds what the roles may do; null for none."
  type        = string
  default     = null
}
