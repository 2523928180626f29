# Staging: as production, for shorter.
environment     = "staging"
region          = "us-east-1"
lakefs_endpoint = "https://lakefs.staging.example.com"

log_retention_days = 90
