variable "directory" {
  description = "Where the contracts are, one `<dataset>.yaml` each."
  type        = string
  nullable    = false

  validation {
    condition     = length(fileset(var.directory, "*.yaml")) > 0
    error_message = "${var.directory} holds no contract: add `<dataset>.yaml`."
  }
}

variable "name_prefix" {
  description = "Project and environment; what SageMaker calls a dataset's models is made of it and the dataset's name."
  type        = string
  nullable    = false
}
