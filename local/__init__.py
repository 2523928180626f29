"""The cloud on one machine: an AWS emulator, SageMaker, a lakeFS server, MLflow if wanted, and their supervisor."""
