output "database" {
  description = "Where the database answers, and the secret with its master's name and password."
  value       = { address = module.database.address, port = module.database.port, master_secret_arn = module.database.master_secret_arn }
}

output "lakefs_endpoint" {
  description = "The environment's lakefs_endpoint; null as long as there is no server."
  value       = one(module.lakefs_server[*].endpoint)
}

output "vpc" {
  description = "The environment's vpc."
  value       = module.network.functions
}
