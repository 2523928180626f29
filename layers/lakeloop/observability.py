"""The one logger and the one set of metrics; both read their settings from POWERTOOLS_* and LOG_LEVEL."""

import os

from aws_lambda_powertools import Logger, Metrics

logger = Logger(version=os.environ.get("LAKELOOP_VERSION", "unknown"))
metrics = Metrics()
