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

variable "permissions_boundary_arn" {
  description = "Policy that bounds what the role may do, for accounts that refuse roles without one; null for none."
  type        = string
  default     = null
}
