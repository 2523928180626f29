variable "name_prefix" {
  description = "Project and environment; every name starts with it."
  type        = string
  nullable    = false
}

variable "vpc_id" {
  description = "VPC of the server and of whoever speaks to it."
  type        = string
  nullable    = false
}

variable "subnet_ids" {
  description = "Private subnets in at least two zones."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(distinct(var.subnet_ids)) >= 2
    error_message = "RDS asks for subnets in two zones, also for one instance: name two or more."
  }
}

variable "client_security_group_ids" {
  description = "Security groups that may speak to the server beside the one that is made here, by a name of yours, such as { bastion = \"sg-0123\" }."
  type        = map(string)
  nullable    = false
  default     = {}

  validation {
    condition     = !contains(keys(var.client_security_group_ids), "clients")
    error_message = "`clients` is the group that is made here: give yours another name."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts storage, backups, the master's secret, logs and performance data."
  type        = string
  nullable    = false
}

variable "engine_version" {
  description = "PostgreSQL, 16 or newer, as RDS names it: the major version alone takes minor ones as AWS brings them."
  type        = string
  nullable    = false
  default     = "17"

  validation {
    condition     = can(regex("^[0-9]+([.][0-9]+)?$", var.engine_version)) && try(tonumber(split(".", var.engine_version)[0]) >= 16, false)
    error_message = "Write a version of PostgreSQL from 16 on, such as 17 or 17.2."
  }
}

variable "instance_class" {
  description = "Size of the server."
  type        = string
  nullable    = false
  default     = "db.t4g.small"

  validation {
    condition     = can(regex("^db\\.[a-z0-9-]+\\.[a-z0-9]+$", var.instance_class))
    error_message = "Write a class of RDS, such as db.t4g.small."
  }
}

variable "storage_gb" {
  description = "Gigabytes of storage to begin with; RDS adds to them, up to five times as much."
  type        = number
  nullable    = false
  default     = 20

  validation {
    condition     = var.storage_gb >= 20 && var.storage_gb <= 10000 && floor(var.storage_gb) == var.storage_gb
    error_message = "Write whole gigabytes from 20 on."
  }
}

variable "port" {
  description = "Port of the server."
  type        = number
  nullable    = false
  default     = 5432

  validation {
    condition     = var.port >= 1150 && var.port <= 65535
    error_message = "RDS takes ports from 1150 to 65535."
  }
}

variable "multi_az" {
  description = "Whether a second instance in another zone takes over when the first fails; it doubles the price."
  type        = bool
  nullable    = false
  default     = true
}

variable "backup_retention_days" {
  description = "Days to any moment of which the database can be brought back."
  type        = number
  nullable    = false
  default     = 14

  validation {
    condition     = var.backup_retention_days >= 1 && var.backup_retention_days <= 35
    error_message = "RDS keeps backups for 1 to 35 days; 0 would keep none, and the lake is not readable without its database."
  }
}

variable "deletion_protection" {
  description = "Whether a destroy is refused. Without, a destroy takes no final snapshot either: for development only."
  type        = bool
  nullable    = false
  default     = true
}

variable "final_snapshot_name" {
  description = "Snapshot that is taken when the server goes; by default <name_prefix>-database-final, of which there can be one."
  type        = string
  default     = null
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
