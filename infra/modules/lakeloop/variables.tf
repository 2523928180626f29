variable "project" {
  description = "Name of the project; with the environment it starts every name."
  type        = string
  nullable    = false
  default     = "lakeloop"

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]*[a-z0-9])?$", var.project))
    error_message = "Write lower case letters, digits and hyphens, a letter first, such as lakeloop."
  }
}

variable "environment" {
  description = "Name of the environment, such as dev or prod; one state each."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", var.environment))
    error_message = "Write lower case letters, digits and hyphens, such as dev."
  }

  # SageMaker takes tuning job names of 32 characters, and theirs are <project>-<environment>-<12 characters>.
  validation {
    condition     = length("${var.project}-${var.environment}") <= 19
    error_message = "Project and environment, with the hyphen between them, take at most 19 characters: shorten one."
  }
}

variable "tags" {
  description = "Tags of everything that is made here, such as owner and cost centre."
  type        = map(string)
  nullable    = false
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.tags) : !startswith(key, "aws:") && !startswith(key, "lakeloop:")])
    error_message = "Tags that begin with aws: are AWS's, those with lakeloop: are this stack's: name yours otherwise."
  }
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds what every role may do, for accounts that refuse roles without one; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/", var.permissions_boundary_arn))
    error_message = "Write the ARN of a policy, such as arn:aws:iam::123456789012:policy/boundary."
  }
}

variable "landing_bucket" {
  description = "Bucket of your own into which files are dropped, with the key that encrypts it where that is not AWS's; null makes one. It is left as it is: versioning must be on, and Amazon EventBridge among its notifications."
  type        = object({ name = string, kms_key_arn = optional(string) })
  default     = null
}

variable "kms_key_arn" {
  description = "Key of your own that encrypts everything, whose policy lets the services at it that modules/encryption names; null makes one."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "Write the ARN of a key and not of an alias, such as arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab."
  }
}

variable "vpc" {
  description = "Subnets and security groups in which those functions run that reach lakeFS or MLflow, for servers with private addresses: the outputs of modules/network, or yours. The subnets reach S3, Secrets Manager, SNS, SQS, SageMaker and CloudWatch Logs. Null runs all outside of a VPC."
  type        = object({ subnet_ids = list(string), security_group_ids = list(string) })
  default     = null

  validation {
    condition     = var.vpc == null || try(length(var.vpc.subnet_ids) > 0 && length(var.vpc.security_group_ids) > 0, false)
    error_message = "Name at least one subnet and one security group, or leave vpc out."
  }
}

variable "force_destroy" {
  description = "Whether `terraform destroy` may delete stored data at once: objects in buckets, the lakeFS secret. For development only."
  type        = bool
  nullable    = false
  default     = false
}

variable "lambda_runtime" {
  description = "Lambda runtime the packages were built for."
  type        = string
  nullable    = false
  default     = "python3.13"

  validation {
    condition     = can(regex("^python3\\.[0-9]+$", var.lambda_runtime))
    error_message = "Write a Python runtime of Lambda, such as python3.13."
  }
}

variable "lambda_architecture" {
  description = "Processor architecture the packages were built for."
  type        = string
  nullable    = false
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.lambda_architecture)
    error_message = "Lambda has arm64 and x86_64."
  }
}

variable "git_sha" {
  description = "Commit the packages were built from; it is written on every data commit and log line."
  type        = string
  nullable    = false
  default     = "unknown"
}

variable "log_level" {
  description = "Level from which functions log."
  type        = string
  nullable    = false
  default     = "INFO"

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.log_level)
    error_message = "Write DEBUG, INFO, WARNING or ERROR."
  }
}

variable "log_retention_days" {
  description = "Days for which CloudWatch keeps logs."
  type        = number
  nullable    = false
  default     = 365

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch keeps logs for certain numbers of days only, among them 30, 90, 180, 365, 731 and 3653."
  }
}

variable "reserved_concurrency" {
  description = "Invocations at once that are kept for a function and that it may not exceed, by function. None by default: a young account has a quota of 10, and AWS leaves at least 10 unreserved (with a larger quota, 100)."
  type        = map(number)
  nullable    = false
  default     = {}
}

variable "api_throttle" {
  description = "Requests per second, over time and at once, that the prediction API takes."
  type        = object({ requests_per_second = number, burst = number })
  nullable    = false
  default     = { requests_per_second = 50, burst = 100 }
}

variable "api_cors_origins" {
  description = "Origins whose pages may call the prediction API from a browser, such as https://example.com; `*` for all. None by default: a key in a page is everybody's."
  type        = list(string)
  nullable    = false
  default     = []

  validation {
    condition     = alltrue([for origin in var.api_cors_origins : origin == "*" || can(regex("^https?://[a-z0-9.-]+(:[0-9]+)?$", origin))])
    error_message = "Write origins as browsers send them, scheme and host without a path, such as https://example.com; or *."
  }
}

variable "api_keys" {
  description = "API keys by caller, each with limits of its own where it has some. To replace a key add another, have the caller take it, disable the old one, then remove it."
  type = map(object({
    enabled             = optional(bool, true)
    requests_per_second = optional(number)
    burst               = optional(number)
    requests_per_day    = optional(number)
  }))
  nullable = false
  default  = { default = {} }
}

variable "api_domain" {
  description = "Domain name of the prediction API with its certificate of this region in ACM; point the name at the output api_domain_target. Null has the API answer at AWS's name alone."
  type        = object({ name = string, certificate_arn = string })
  default     = null

  validation {
    condition     = var.api_domain == null || can(regex("^[a-z0-9.-]+\\.[a-z]+$", var.api_domain.name)) && can(regex("^arn:[a-z-]+:acm:", var.api_domain.certificate_arn))
    error_message = "Write a name such as predictions.example.com and the ARN of a certificate such as arn:aws:acm:us-east-1:123456789012:certificate/1234abcd."
  }
}

variable "api_logs_role_name" {
  description = "Role as which API Gateway writes logs in this account and region; null for the one that bootstrap/ makes."
  type        = string
  default     = null

  validation {
    condition     = var.api_logs_role_name == null || can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.api_logs_role_name))
    error_message = "Write the name of a role without its path, such as api-gateway-logs."
  }
}

variable "alarm_topic_arn" {
  description = "SNS topic that alarms tell; null tells nobody."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_topic_arn == null || can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:", var.alarm_topic_arn))
    error_message = "Write the ARN of an SNS topic, such as arn:aws:sns:us-east-1:123456789012:alarms."
  }
}

variable "budget" {
  description = "What a month of the environment may cost in US dollars, and who is told by mail at 80 % of it and when the forecast exceeds it; null for no budget. Activate lakeloop:environment as a cost allocation tag first."
  type        = object({ monthly_usd = number, emails = set(string) })
  default     = null
}

variable "lakefs_endpoint" {
  description = "URL of the lakeFS server: its root, without a path. Merges into one branch starve each other unless the server runs with LAKEFS_GRAVELER_BRANCH_OWNERSHIP_ENABLED=true."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^https?://[^/?#@\\s]+/?$", var.lakefs_endpoint))
    error_message = "Write the server's root, without /api/v1 or any other path, query or user, such as https://lakefs.example.com."
  }
}

variable "mlflow_tracking_uri" {
  description = "Address of an MLflow server, 3.0 or newer with --serve-artifacts, which is told of trials, evaluations and model versions. Null records nothing, and makes nothing."
  type        = string
  default     = null

  validation {
    condition     = var.mlflow_tracking_uri == null || can(regex("^https?://[^?#@\\s]+$", var.mlflow_tracking_uri))
    error_message = "Write the server's address without user or query, such as https://mlflow.example.com: the user comes by mlflow_credentials_secret_arn."
  }
}

variable "mlflow_credentials_secret_arn" {
  description = "Secret with the user of an MLflow server that has basic authentication: JSON with username and password. Null for a server without."
  type        = string
  default     = null

  validation {
    condition     = var.mlflow_credentials_secret_arn == null || can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:", var.mlflow_credentials_secret_arn))
    error_message = "Write the ARN of a secret, such as arn:aws:secretsmanager:us-east-1:123456789012:secret:mlflow-AbCdEf."
  }

  validation {
    condition     = var.mlflow_credentials_secret_arn == null || var.mlflow_tracking_uri != null
    error_message = "A user is of no use without a server: set mlflow_tracking_uri, or leave this out."
  }
}

variable "lakefs_role_arn" {
  description = "Role that your lakeFS server runs as; it is let at the lake bucket and the key. Null where the role's own policy does so: see the README for what it needs."
  type        = string
  default     = null

  validation {
    condition     = var.lakefs_role_arn == null || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/", var.lakefs_role_arn))
    error_message = "Write the ARN of a role, such as arn:aws:iam::123456789012:role/lakefs."
  }
}

variable "lakefs_credentials" {
  description = "lakeFS key pair; it is written to Secrets Manager, and to no state and no plan file."
  type        = object({ access_key_id = string, secret_access_key = string })
  nullable    = false
  sensitive   = true
  ephemeral   = true
}

variable "lakefs_credentials_version" {
  description = "Raise it to write a changed key pair."
  type        = number
  nullable    = false
  default     = 1

  validation {
    condition     = var.lakefs_credentials_version >= 1 && floor(var.lakefs_credentials_version) == var.lakefs_credentials_version
    error_message = "Count versions from 1."
  }
}

variable "capture_retention_days" {
  description = "Days that answered predictions and their labels are kept; S3 keeps what has expired for 30 more as noncurrent versions, which nobody reads. A contract's capture.join_days must be less."
  type        = number
  nullable    = false
  default     = 90

  validation {
    condition     = var.capture_retention_days >= 1
    error_message = "S3 counts in whole days: write 1 or more."
  }
}
