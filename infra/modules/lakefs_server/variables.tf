variable "name_prefix" {
  description = "Project and environment; every name starts with it."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.name_prefix) <= 25
    error_message = "A load balancer's name takes 32 characters, of which -lakefs has seven: shorten it to 25."
  }
}

variable "region" {
  description = "Region of the server and of the lake bucket."
  type        = string
  nullable    = false
}

variable "image" {
  description = "Image of lakeFS, by digest or by release: treeverse/lakefs:1.86.0 is the last of Apache-2.0 (docs/adr/0001). Best copied to a registry of yours, <account>.dkr.ecr.<region>.amazonaws.com/lakefs@sha256:<digest>: `docker pull`, `docker tag` and `docker push` print the digest."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9._:/-]*(@sha256:[0-9a-f]{64}|:[0-9]+\\.[0-9]+\\.[0-9]+)$", var.image))
    error_message = "Write an image with its digest or its release, such as treeverse/lakefs:1.86.0: what `latest` is changes under a running environment."
  }
}

variable "vpc_id" {
  description = "VPC of the server and of whoever speaks to it."
  type        = string
  nullable    = false
}

variable "subnet_ids" {
  description = "Private subnets in at least two zones, with a way to S3, Secrets Manager, CloudWatch Logs and the image's registry."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(distinct(var.subnet_ids)) >= 2
    error_message = "A load balancer asks for subnets in two zones: name two or more."
  }
}

variable "client_security_group_ids" {
  description = "Security groups that may speak to the server, by a name of yours: that of the functions, the output of modules/network, at least. Any of them could set a server up that is not yet."
  type        = map(string)
  nullable    = false

  validation {
    condition     = length(var.client_security_group_ids) > 0
    error_message = "Nobody would reach the server: name the functions' security group."
  }
}

variable "database_clients_security_group_id" {
  description = "Security group that reaches the database: clients_security_group_id of modules/database."
  type        = string
  nullable    = false
}

variable "server_secret_arn" {
  description = "Secret of JSON with connection_string, postgres://lakefs:<password>@<address>:5432/lakefs?sslmode=require, and two random texts that must never change: auth_encrypt_secret_key and blockstore_signing_secret_key."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:", var.server_secret_arn))
    error_message = "Write the ARN of a secret, such as arn:aws:secretsmanager:us-east-1:123456789012:secret:lakefs-server-AbCdEf."
  }
}

variable "credentials_secret_arn" {
  description = "Secret with the key pair that the server's only user is given: lakefs_secret_arn of the module lakeloop, JSON with access_key_id and secret_access_key."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:", var.credentials_secret_arn))
    error_message = "Write the ARN of a secret, such as arn:aws:secretsmanager:us-east-1:123456789012:secret:shop-dev-lakefs-AbCdEf."
  }
}

variable "lake_bucket" {
  description = "Bucket that holds the objects behind lakeFS; it reaches no other."
  type        = string
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key that encrypts the bucket, the secrets and the logs."
  type        = string
  nullable    = false
}

variable "domain" {
  description = "Name of the server with its certificate of this region in ACM and the hosted zone of the name; null has it answer by HTTP at AWS's name, to the named groups of the VPC alone."
  type        = object({ name = string, certificate_arn = string, zone_id = string })
  default     = null

  validation {
    condition     = var.domain == null || can(regex("^[a-z0-9.-]+\\.[a-z]+$", var.domain.name)) && can(regex("^arn:[a-z-]+:acm:", var.domain.certificate_arn))
    error_message = "Write a name such as lakefs.example.com and the ARN of a certificate such as arn:aws:acm:us-east-1:123456789012:certificate/1234abcd."
  }
}

variable "cpu" {
  description = "Processor of a task, in 1024ths of a core."
  type        = number
  nullable    = false
  default     = 512

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096], var.cpu)
    error_message = "Fargate has 256, 512, 1024, 2048 and 4096."
  }
}

variable "memory_mb" {
  description = "Memory of a task: two to eight times its processor's 1024ths."
  type        = number
  nullable    = false
  default     = 1024

  validation {
    condition     = var.memory_mb >= 2 * var.cpu && var.memory_mb <= 8 * var.cpu && var.memory_mb % 1024 == 0 || var.cpu == 256 && var.memory_mb == 512
    error_message = "Fargate gives whole gigabytes, two to eight for each core: with cpu = 512 write 1024 to 4096."
  }
}

variable "architecture" {
  description = "Processor architecture of the image."
  type        = string
  nullable    = false
  default     = "ARM64"

  validation {
    condition     = contains(["ARM64", "X86_64"], var.architecture)
    error_message = "Fargate has ARM64 and X86_64."
  }
}

variable "tasks" {
  description = "How many tasks run: with one, some minutes without lakeFS when it fails; functions wait for it."
  type        = number
  nullable    = false
  default     = 1

  validation {
    condition     = var.tasks >= 1 && var.tasks <= 10 && floor(var.tasks) == var.tasks
    error_message = "Write 1 to 10."
  }
}

variable "log_retention_days" {
  description = "Days for which CloudWatch keeps the server's logs."
  type        = number
  nullable    = false
  default     = 365
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds what each role may do, for accounts that demand one; null for none."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  nullable    = false
  default     = {}
}
