variable "name_prefix" {
  description = "Project and environment; every name starts with it."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of the VPC, of which the services' names are made."
  type        = string
  nullable    = false
}

variable "cidr" {
  description = "Addresses of the VPC; each subnet has a sixteenth of them."
  type        = string
  nullable    = false
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrsubnet(var.cidr, 4, 15)) && try(tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 24, false)
    error_message = "Write a block of 16 to 24 bits, such as 10.0.0.0/16: a subnet has a sixteenth, and AWS takes none smaller than /28."
  }
}

variable "zones" {
  description = "Availability zones with a private subnet each: a database and a load balancer ask for two."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.zones) >= 2 && length(var.zones) <= 6 && length(distinct(var.zones)) == length(var.zones)
    error_message = "Name two to six different zones, such as us-east-1a and us-east-1b."
  }
}

variable "nat" {
  description = "Whether what is in the private subnets goes out by one NAT gateway, and can reach any address; without, it reaches AWS's services alone, by interface endpoints. Seven endpoints in two zones cost about three times what one gateway costs, before traffic."
  type        = bool
  nullable    = false
  default     = true
}

variable "server_port" {
  description = "Port of servers in the VPC that functions reach, beside 443."
  type        = number
  nullable    = false
  default     = 8000

  validation {
    condition     = var.server_port >= 1 && var.server_port <= 65535
    error_message = "Ports are 1 to 65535."
  }
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  nullable    = false
  default     = {}
}
