# Production: data outlives mistakes, and somebody is told.
environment     = "prod"
region          = "us-east-1"
lakefs_endpoint = "https://lakefs.example.com"

# The topic that whoever is on call listens to.
alarm_topic_arn    = "arn:aws:sns:us-east-1:123456789012:lakeloop-alarms"
log_retention_days = 365

api_throttle = { requests_per_second = 200, burst = 400 }
