variable "name_prefix" {
  description = "Project and environment; the role's name starts with it."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region whose image registry is used."
  type        = string
  nullable    = false
}

variable "xgboost_version" {
  description = "Tag of the built-in XGBoost image."
  type        = string
  nullable    = false
  default     = "3.0-5"

  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+-[0-9]+$", var.xgboost_version))
    error_message = "Pin a version such as 3.0-5: `latest` and `1` are XGBoost 0.72."
  }
}

variable "lake_bucket_arn" {
  description = "Bucket that holds the objects behind lakeFS, which training reads."
  type        = string
  nullable    = false
}

variable "artifacts_bucket_arn" {
  description = "Bucket that holds manifests and models."
  type        = string
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key of both buckets and of the log groups."
  type        = string
  nullable    = false
}

variable "endpoint_names" {
  description = "Endpoints whose logs are kept."
  type        = set(string)
  nullable    = false
}

variable "log_retention_days" {
  description = "Days for which logs are kept."
  type        = number
  nullable    = false
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds what each role may do, for accounts that demand one; null for none."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  nullable    = false
  default     = {}
}
