"""From a finished tuning job to an endpoint that serves its best model."""
