output "environments" {
  description = "What each environment is reached by: see examples/one/outputs.tf for the names."
  value       = module.lakeloop
}
