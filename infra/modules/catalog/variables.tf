variable "name_prefix" {
  description = "Project and environment; the workgroup is called so, and the database with underscores."
  type        = string
  nullable    = false
}

variable "datasets" {
  description = "Names of the datasets; without one there are no tables."
  type        = list(string)
  nullable    = false
}

variable "chains" {
  description = "Names of the steps whose failures are kept."
  type        = list(string)
  nullable    = false
}

variable "captures_bucket" {
  description = "Bucket of the answered predictions."
  type        = string
  nullable    = false
}

variable "artifacts_bucket" {
  description = "Bucket of quarantine, failures and history, and of Athena's answers, below athena/."
  type        = string
  nullable    = false
}

variable "capture_retention_days" {
  description = "Days for which predictions are kept; older ones are not looked for."
  type        = number
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key of Athena's answers."
  type        = string
  nullable    = false
}

variable "tags" {
  description = "Tags of everything that is made here and can have some."
  type        = map(string)
  nullable    = false
  default     = {}
}
