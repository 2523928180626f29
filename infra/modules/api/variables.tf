variable "name_prefix" {
  description = "Project and environment; every name starts with it."
  type        = string
  nullable    = false
}

variable "functions" {
  description = "The functions that answer, predict and record_feedback: their names, and the aliases by which API Gateway invokes them."
  type        = map(object({ name = string, alias = object({ name = string, invoke_arn = string }) }))
  nullable    = false

  validation {
    condition     = toset(keys(var.functions)) == toset(["predict", "record_feedback"])
    error_message = "Give exactly predict and record_feedback."
  }
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

variable "keys" {
  description = "API keys by caller, each with limits of its own; what is left out is the API's. A disabled key is refused and can be enabled again."
  type = map(object({
    enabled             = optional(bool, true)
    requests_per_second = optional(number)
    burst               = optional(number)
    requests_per_day    = optional(number)
  }))
  nullable = false
  default  = { default = {} }

  validation {
    condition     = alltrue([for name in keys(var.keys) : can(regex("^[a-z][a-z0-9-]{0,39}$", name))])
    error_message = "Call a key after its caller, in lower case letters, digits and hyphens, such as web."
  }

  validation {
    condition     = anytrue([for key in values(var.keys) : key.enabled])
    error_message = "Leave a key enabled: without one nobody can ask for predictions."
  }
}

variable "public" {
  description = "Whether some dataset has public columns, so that rows may be asked for in addresses, without a key."
  type        = bool
  nullable    = false
  default     = false
}

variable "cors_origins" {
  description = "Origins whose pages may call the API from a browser; `*` for all."
  type        = list(string)
  nullable    = false
  default     = []
}

variable "logs_role_name" {
  description = "Role as which API Gateway writes logs in this account and region."
  type        = string
  nullable    = false
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

variable "alarm_topic_arn" {
  description = "SNS topic that is told when requests end in server errors, and when they no longer do; null tells nobody."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  nullable    = false
  default     = {}
}

variable "domain" {
  description = "Domain name of your own and its certificate of this region in ACM; null for none."
  type        = object({ name = string, certificate_arn = string })
  default     = null
}
