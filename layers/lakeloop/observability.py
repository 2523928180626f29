"""The one logger and the one set of metrics; both read their settings from POWERTOOLS_* and LOG_LEVEL."""

from aws_lambda_powertools import Logger, Metrics

logger = Logger()
metrics = Metrics()
