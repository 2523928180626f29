variable "names" {
  description = "Layers to publish; each is the file `<name>.zip` in the directory."
  type        = set(string)
  nullable    = false
}

variable "directory" {
  description = "Where the built layer packages are."
  type        = string
  nullable    = false

  validation {
    condition     = alltrue([for name in var.names : fileexists("${var.directory}/${name}.zip")])
    error_message = "A layer package is missing in ${var.directory}: run `make package`."
  }
}

variable "bucket" {
  description = "Bucket the packages are uploaded to."
  type        = string
  nullable    = false
}

variable "name_prefix" {
  description = "Project and environment; layer names start with it."
  type        = string
  nullable    = false
}

variable "runtime" {
  description = "Lambda runtime the packages were built for."
  type        = string
  nullable    = false
}

variable "architecture" {
  description = "Processor architecture the packages were built for."
  type        = string
  nullable    = false
}
