# Staging: as production, for shorter.
environment     = "staging"
region          = "us-east-1"
lakefs_endpoint = "https://lakefs.staging.example.com"

log_retention_days = 90

# One environment of an account sets it; here that is dev.
manage_api_gateway_account = false
