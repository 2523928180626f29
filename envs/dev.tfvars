# Development: nothing here is precious, and `terraform destroy` may take the data.
environment     = "dev"
region          = "us-east-1"
lakefs_endpoint = "https://lakefs.dev.example.com"

force_destroy      = true
log_level          = "DEBUG"
log_retention_days = 30
