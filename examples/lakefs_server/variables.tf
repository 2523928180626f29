variable "kms_key_arn" {
  description = "Key of yours that encrypts everything; the environment is given the same one."
  type        = string
  nullable    = false
}

variable "lake_bucket" {
  description = "Name that the environment's lake bucket will have: <project>-<environment>-lake-<account>."
  type        = string
  nullable    = false
}

variable "server_secret_arn" {
  description = "Secret of the server, as modules/lakefs_server describes it; null as long as there is none, and then no server either."
  type        = string
  default     = null
}

variable "credentials_secret_arn" {
  description = "Secret with the key pair of the server's user; null as long as there is none."
  type        = string
  default     = null
}
