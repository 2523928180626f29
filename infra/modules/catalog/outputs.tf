output "database" {
  description = "Name of the database."
  value       = aws_glue_catalog_database.this.name
}

output "workgroup" {
  description = "Name of the workgroup, in which the saved queries are."
  value       = aws_athena_workgroup.this.name
}
