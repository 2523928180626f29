"""What stands in for containers: processes that see /opt/ml as a container of SageMaker does."""
