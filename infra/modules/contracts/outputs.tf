output "contracts" {
  description = "Contracts by dataset, as the functions read them."
  value       = local.contracts

  precondition {
    condition = length(local.problems) == 0
    # Terraform leaves indented lines as they are and breaks others.
    error_message = "The dataset contracts in ${var.directory} are wrong:\n\n${join("\n", formatlist("  %s", local.problems))}"
  }
}
