output "documents" {
  description = "Compiled contracts by dataset, as the functions read them."
  value       = { for name in local.names : name => try(file(local.compiled[name]), "") }

  precondition {
    condition = length(local.problems) == 0
    # Terraform leaves indented lines as they are and breaks others.
    error_message = "The compiled contracts in ${var.compiled_directory} are not those of ${var.directory}:\n\n${join("\n", formatlist("  %s", local.problems))}\n\nRun `lakeloop contract build`."
  }

  precondition {
    condition     = length(local.too_long) == 0
    error_message = "A dataset of ${var.name_prefix} has at most ${local.longest_name} characters, for the names that SageMaker is given:\n\n${join("\n", formatlist("  %s.yaml", local.too_long))}"
  }
}
