output "contracts" {
  description = "Contracts by dataset, as the functions read them."
  value       = local.contracts

  precondition {
    condition     = length(local.problems) == 0
    error_message = "The dataset contracts in ${var.directory} are wrong:\n${join("\n", local.problems)}"
  }
}
