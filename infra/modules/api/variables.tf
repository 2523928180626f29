variable "name_prefix" {
  description = "Project and environment; every name starts with it."
  type        = string
  nullable    = false
}

variable "function_name" {
  description = "Function that answers predictions."
  type        = string
  nullable    = false
}

variable "function_invoke_arn" {
  description = "ARN by which API Gateway invokes the function."
  type        = string
  nullable    = false
}

variable "throttle" {
  description = "Requests per second, over time and at once, for the stage and for each API key."
  type        = object({ requests_per_second = number, burst = number })
  nullable    = false
  default     = { requests_per_second = 50, burst = 100 }

  validation {
    condition     = var.throttle.requests_per_second > 0 && var.throttle.burst >= 1
    error_message = "Write limits above 0: 0 would refuse every request."
  }
}

variable "manage_account" {
  description = "Whether to set the role with which API Gateway writes logs in this account and region; false where another stack has set it."
  type        = bool
  nullable    = false
  default     = true
}

variable "kms_key_arn" {
  description = "Key of the access log."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days for which CloudWatch keeps the access log."
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
  description = "SNS topic that is told when requests end in server errors, and when they no longer do; null tells nobody."
  type        = string
  default     = null
}
