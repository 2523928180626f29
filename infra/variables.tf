variable "region" {
  description = "AWS region of the environment."
  type        = string
  nullable    = false
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "Write a region's code, such as us-east-1."
  }
}

variable "packages_directory" {
  description = "Where the built packages are; by default build/<runtime>-<architecture> beside infra/."
  type        = string
  default     = null
}

variable "contracts_directory" {
  description = "Where the dataset contracts are; by default datasets/ beside infra/."
  type        = string
  default     = null
}

variable "compiled_contracts_directory" {
  description = "Where `lakeloop contract build` has compiled them to; by default build/contracts beside infra/."
  type        = string
  default     = null
}
