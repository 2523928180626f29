variable "name" {
  description = "The step's name, which is its function's too, such as `start_tuning`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]*$", var.name))
    error_message = "Name the step like its folder under lambdas/: lower case letters, digits and underscores."
  }
}

variable "name_prefix" {
  description = "Project and environment; every name starts with it."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of topic and queues."
  type        = string
  nullable    = false
}

variable "publishers" {
  description = "Who may publish to the topic: buckets, EventBridge rules and roles of functions, by ARN; with `account` also whom a policy of the account lets."
  type = object({
    bucket_arns = optional(list(string), [])
    rule_arns   = optional(list(string), [])
    role_arns   = optional(list(string), [])
    account     = optional(bool, false)
  })
  nullable = false

  validation {
    condition     = var.publishers.account || length(concat(var.publishers.bucket_arns, var.publishers.rule_arns, var.publishers.role_arns)) > 0
    error_message = "Name at least one bucket, rule or role: a topic nobody may publish to wakes nothing."
  }
}

variable "function" {
  description = "The function that handles the messages; see the function module."
  type = object({
    description          = string
    package              = string
    package_bucket       = string
    runtime              = string
    architecture         = string
    layers               = list(string)
    environment          = map(string)
    timeout_seconds      = number
    memory_mb            = number
    ephemeral_storage_mb = number
    reserved_concurrency = number
    vpc                  = optional(object({ subnet_ids = list(string), security_group_ids = list(string) }))
    statements = list(object({
      Sid       = string
      Action    = list(string)
      Resource  = list(string)
      Condition = optional(map(map(string)))
    }))
  })
  nullable = false
}

variable "batch_size" {
  description = "Messages that one invocation takes at most."
  type        = number
  nullable    = false
  default     = 10

  validation {
    condition     = var.batch_size >= 1 && var.batch_size <= 10000
    error_message = "Lambda takes 1 to 10000 messages of a queue at once."
  }

  validation {
    condition     = var.batch_size <= 10 || var.batch_window_seconds >= 1
    error_message = "More than 10 messages at once need a batch window: set batch_window_seconds to 1 or more."
  }
}

variable "batch_window_seconds" {
  description = "Seconds to wait for a batch to fill."
  type        = number
  nullable    = false
  default     = 0

  validation {
    condition     = var.batch_window_seconds >= 0 && var.batch_window_seconds <= 300
    error_message = "Lambda waits 0 to 300 seconds."
  }
}

variable "maximum_concurrency" {
  description = "Invocations at once that the queue may cause."
  type        = number
  nullable    = false
  default     = 2

  validation {
    condition     = var.maximum_concurrency >= 2 && var.maximum_concurrency <= 1000
    error_message = "A queue causes 2 to 1000 invocations at once."
  }
}

variable "max_receive_count" {
  description = "Deliveries after which SQS itself gives up on a message; the function gives up earlier, with a reason."
  type        = number
  nullable    = false
  default     = 30

  validation {
    # Three hours of waits that grow from half a minute to a quarter of an hour take 17.
    condition     = var.max_receive_count >= 20 && var.max_receive_count <= 1000
    error_message = "Write 20 to 1000: the function waits for three hours in 17 deliveries, and deliveries without a turn count too."
  }
}

variable "consume_after" {
  description = "Something that must be there before the function takes messages, and goes only after it stopped to."
  type        = string
  default     = null
}

variable "kms_key_arn" {
  description = "Key of the messages, the function and its log group."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days for which CloudWatch keeps the function's logs."
  type        = number
  nullable    = false
  default     = 365
}

variable "alarm_topic_arn" {
  description = "SNS topic that is told when the dead-letter queue fills and when it is empty again; null tells nobody."
  type        = string
  default     = null
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds what the function's role may do, for accounts that demand one; null for none."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  nullable    = false
  default     = {}
}
