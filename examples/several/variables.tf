variable "packages_directory" {
  description = "Where the built packages are."
  type        = string
  nullable    = false
}

variable "lakefs_credentials" {
  description = "lakeFS key pair."
  type        = object({ access_key_id = string, secret_access_key = string })
  nullable    = false
  sensitive   = true
  ephemeral   = true
}
