variable "directory" {
  description = "Where the contracts are, one `<dataset>.yaml` each."
  type        = string
  nullable    = false
}

variable "compiled_directory" {
  description = "Where `lakeloop contract build` has compiled them to, one `<dataset>.json` each."
  type        = string
  nullable    = false
}

variable "name_prefix" {
  description = "Project and environment; what SageMaker calls a dataset's models is made of it and the dataset's name."
  type        = string
  nullable    = false
}
