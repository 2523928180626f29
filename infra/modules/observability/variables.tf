variable "name_prefix" {
  description = "Project and environment, with which every name starts; also the namespace of the loop's own metrics."
  type        = string
  nullable    = false
}

variable "region" {
  description = "AWS region of what is shown."
  type        = string
  nullable    = false
}

variable "api" {
  description = "Name and stage of the prediction API, as CloudWatch knows them."
  type        = object({ name = string, stage = string })
  nullable    = false
}

variable "chains" {
  description = "Names of the loop's steps, in the order in which they are shown."
  type        = list(string)
  nullable    = false
}

variable "endpoints" {
  description = "Names of the endpoints."
  type        = list(string)
  nullable    = false
}

variable "budget" {
  description = "What a month of the environment may cost in US dollars, and who is told by mail at 80 % of it and when the forecast exceeds it; null for no budget. Costs are told apart by the tag lakeloop:environment, once it is activated as a cost allocation tag."
  type        = object({ monthly_usd = number, emails = set(string) })
  default     = null

  validation {
    condition     = var.budget == null || try(var.budget.monthly_usd > 0 && length(var.budget.emails) > 0, false)
    error_message = "A budget is more than 0 dollars a month, and somebody is told of it."
  }
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  nullable    = false
  default     = {}
}
