variable "alarms" {
  description = "What is watched, and when it is red. `red_periods` of the last `periods` must be over the threshold, all of them by default; a period without data is green unless `missing` says otherwise. `runbook` is the page of docs/runbooks/ that says what to do. `tells_green` is false where green does not mean that anybody mended anything."
  type = map(object({
    name           = string
    text           = string
    runbook        = optional(string)
    namespace      = string
    metric         = string
    dimensions     = map(string)
    statistic      = optional(string, "Sum")
    period_seconds = optional(number, 300)
    periods        = optional(number, 1)
    red_periods    = optional(number)
    red_when       = optional(string, "GreaterThanThreshold")
    threshold      = optional(number, 0)
    missing        = optional(string, "notBreaching")
    tells_green    = optional(bool, true)
  }))
  nullable = false

  validation {
    condition     = alltrue([for alarm in values(var.alarms) : alarm.period_seconds * alarm.periods <= (alarm.period_seconds < 3600 ? 1 : 7) * 24 * 3600])
    error_message = "CloudWatch looks back over one day, or over seven with periods of an hour or more."
  }
}

variable "topic_arn" {
  description = "SNS topic that is told; null tells nobody."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  nullable    = false
  default     = {}
}
