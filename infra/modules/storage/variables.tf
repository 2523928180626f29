variable "buckets" {
  description = "Bucket names by role: lake, artifacts, captures, and landing where that is made here."
  type        = map(string)
  nullable    = false

  validation {
    condition     = setunion(keys(var.buckets), ["landing"]) == toset(["landing", "lake", "artifacts", "captures"])
    error_message = "Name the buckets lake, artifacts and captures, and landing where it is made here."
  }

  validation {
    condition     = alltrue([for name in values(var.buckets) : can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", name))])
    error_message = "A bucket name has 3 to 63 lower case letters, digits and hyphens, and starts and ends with a letter or digit."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts every object."
  type        = string
  nullable    = false
}

variable "force_destroy" {
  description = "Whether `terraform destroy` may delete buckets that still hold objects."
  type        = bool
  nullable    = false
  default     = false
}

variable "noncurrent_days" {
  description = "Days after which a version that was replaced or deleted goes away."
  type        = number
  nullable    = false
  default     = 30

  validation {
    condition     = var.noncurrent_days >= 1
    error_message = "S3 counts in whole days: write 1 or more."
  }
}

variable "capture_retention_days" {
  description = "Days that predictions and their labels are kept."
  type        = number
  nullable    = false
  default     = 90

  validation {
    condition     = var.capture_retention_days >= 1
    error_message = "S3 counts in whole days: write 1 or more."
  }
}

variable "lakefs_role_arn" {
  description = "Role of a lakeFS server that is not part of this stack, which may keep objects in the lake bucket; null where its own policy says so."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  nullable    = false
  default     = {}
}
