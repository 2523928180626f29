variable "packages_directory" {
  description = "Where the packages are that `make package` or `lakeloop package` has built for the runtime and architecture."
  type        = string
  nullable    = false
}

variable "contracts_directory" {
  description = "Where the dataset contracts are."
  type        = string
  nullable    = false
}

variable "compiled_contracts_directory" {
  description = "Where `lakeloop contract build` has compiled them to."
  type        = string
  nullable    = false
}
