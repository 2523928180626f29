variable "name_prefix" {
  description = "Project and environment; the secret's name starts with it."
  type        = string
  nullable    = false
}

variable "credentials" {
  description = "lakeFS key pair; it goes into the secret, and into no state and no plan file."
  type        = object({ access_key_id = string, secret_access_key = string })
  nullable    = false
  sensitive   = true
  ephemeral   = true
}

variable "credentials_version" {
  description = "Raise it to write a changed key pair."
  type        = number
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key that encrypts the secret."
  type        = string
  nullable    = false
}

variable "recovery_window_days" {
  description = "Days in which a deleted secret can be brought back; 0 deletes it at once."
  type        = number
  nullable    = false
  default     = 30

  validation {
    condition     = var.recovery_window_days == 0 || (var.recovery_window_days >= 7 && var.recovery_window_days <= 30)
    error_message = "Secrets Manager takes 0 or 7 to 30 days."
  }
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  nullable    = false
  default     = {}
}
