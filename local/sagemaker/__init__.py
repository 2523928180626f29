"""Amazon SageMaker on one machine: jobs that train, endpoints that serve, events that arrive twice. See README.md."""
