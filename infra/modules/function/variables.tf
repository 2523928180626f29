variable "name" {
  description = "The function's name in the code, such as `start_tuning`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]*$", var.name))
    error_message = "Name the function like its folder under lambdas/: lower case letters, digits and underscores."
  }
}

variable "name_prefix" {
  description = "Project and environment; every name starts with it."
  type        = string
  nullable    = false
}

variable "description" {
  description = "What the function does, in a sentence."
  type        = string
  nullable    = false
}

variable "package" {
  description = "Path of the built zip with `handler.py` at its root."
  type        = string
  nullable    = false

  validation {
    condition     = fileexists(var.package)
    error_message = "${var.package} is missing: run `make package`."
  }
}

variable "package_bucket" {
  description = "Bucket the package is uploaded to."
  type        = string
  nullable    = false
}

variable "runtime" {
  description = "Lambda runtime the package was built for."
  type        = string
  nullable    = false
}

variable "architecture" {
  description = "Processor architecture the package was built for."
  type        = string
  nullable    = false
}

variable "layers" {
  description = "ARNs of the layers the handler imports from."
  type        = list(string)
  nullable    = false
  default     = []

  validation {
    condition     = length(var.layers) <= 5
    error_message = "Lambda takes at most 5 layers: merge some."
  }
}

variable "environment" {
  description = "Environment variables the function's settings are read from."
  type        = map(string)
  nullable    = false
  default     = {}
}

variable "statements" {
  description = "What the function may do beside logging, tracing and using the key: IAM statements without Effect, which is always Allow."
  type = list(object({
    Sid       = string
    Action    = list(string)
    Resource  = list(string)
    Condition = optional(map(map(string)))
  }))
  nullable = false
  default  = []

  validation {
    condition     = alltrue([for statement in var.statements : alltrue([for action in statement.Action : !strcontains(action, "*")])])
    error_message = "Name each action in full: a wildcard grants calls the function does not make."
  }
}

variable "kms_key_arn" {
  description = "Key of the environment variables, the log group and the data."
  type        = string
  nullable    = false
}

variable "memory_mb" {
  description = "Memory; Lambda gives processor time in proportion."
  type        = number
  nullable    = false
  default     = 512

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240
    error_message = "Lambda takes 128 to 10240 MB."
  }
}

variable "ephemeral_storage_mb" {
  description = "Size of /tmp."
  type        = number
  nullable    = false
  default     = 512

  validation {
    condition     = var.ephemeral_storage_mb >= 512 && var.ephemeral_storage_mb <= 10240
    error_message = "Lambda takes 512 to 10240 MB."
  }
}

variable "timeout_seconds" {
  description = "Seconds after which Lambda stops an invocation."
  type        = number
  nullable    = false
  default     = 60

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 900
    error_message = "Lambda takes 1 to 900 seconds."
  }
}

variable "reserved_concurrency" {
  description = "Invocations at once that are kept for this function and that it may not exceed; -1 shares the account's."
  type        = number
  nullable    = false
  default     = -1

  validation {
    condition     = var.reserved_concurrency == -1 || var.reserved_concurrency >= 1
    error_message = "Write -1 to share the account's concurrency or 1 and more; 0 would stop the function."
  }
}

variable "log_retention_days" {
  description = "Days for which CloudWatch keeps the function's logs."
  type        = number
  nullable    = false
  default     = 365
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds what each role may do, for accounts that demand one; null for none."
  type        = string
  default     = null
}

variable "alarm_topic_arn" {
  description = "SNS topic that is told when the function fails or is throttled, and when it is well again; null tells nobody."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  nullable    = false
  default     = {}
}

variable "vpc" {
  description = "Subnets and security groups in which the function runs; null runs it outside of a VPC."
  type        = object({ subnet_ids = list(string), security_group_ids = list(string) })
  default     = null
}
