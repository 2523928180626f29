variable "name_prefix" {
  description = "Project and environment; the key's alias is named after it."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region whose CloudWatch Logs may use the key."
  type        = string
  nullable    = false
}

variable "deletion_window_days" {
  description = "Days between the key's deletion and its end, in which it can be brought back."
  type        = number
  nullable    = false
  default     = 30

  validation {
    condition     = var.deletion_window_days >= 7 && var.deletion_window_days <= 30
    error_message = "KMS waits 7 to 30 days: write a number from 7 to 30."
  }
}

variable "lakefs_role_arn" {
  description = "Role of a lakeFS server that is not part of this stack; null where its own policy gives it the key."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  nullable    = false
  default     = {}
}

variable "key_arn" {
  description = "Key of your own, whose policy says what the one made here would; null makes one."
  type        = string
  default     = null
}
