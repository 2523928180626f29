"""Everything an environment could leave behind, by the names AWS gives it."""

from dataclasses import dataclass
from typing import Any

import boto3

# Client, list operation, key of the list, key of the name.
LISTS = (
    ("s3", "list_buckets", "Buckets", "Name"),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("sns", "list_subscriptions", "Subscriptions", "SubscriptionArn"),
    ("sqs", "list_queues", "QueueUrls", ""),
    ("lambda", "list_functions", "Functions", "FunctionArn"),
    ("lambda", "list_layers", "Layers", "LayerArn"),
    ("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    ("iam", "list_roles", "Roles", "RoleName"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("events", "list_rules", "Rules", "Name"),
    ("apigateway", "get_rest_apis", "items", "id"),
    ("apigateway", "get_api_keys", "items", "id"),
    ("apigateway", "get_usage_plans", "items", "id"),
    ("secretsmanager", "list_secrets", "SecretList", "Name"),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("glue", "get_databases", "DatabaseList", "Name"),
    ("athena", "list_work_groups", "WorkGroups", "Name"),
    ("kms", "list_aliases", "Aliases", "AliasName"),
    ("sagemaker", "list_endpoints", "Endpoints", "EndpointName"),
    ("sagemaker", "list_endpoint_configs", "EndpointConfigs", "EndpointConfigName"),
    ("sagemaker", "list_models", "Models", "ModelName"),
)


# Shared by all environments of an account, so that none may delete it: SageMaker's own logs, and the role as which API
# Gateway writes logs, which bootstrap/ makes.
SHARED = frozenset(
    {"/aws/sagemaker/TrainingJobs", "/aws/sagemaker/TransformJobs", "lakeloop-api-gateway-logs-us-east-1"}
)


@dataclass(frozen=True)
class Inventory:
    """Names of what exists, by `<service>.<list operation>`."""

    names: dict[str, frozenset[str]]

    @classmethod
    def take(cls) -> "Inventory":
        return cls({f"{service}.{operation}": _names(service, operation, *keys) for service, operation, *keys in LISTS})

    def beyond(self, other: "Inventory") -> dict[str, list[str]]:
        """What is here and not there."""
        left = {operation: sorted(names - other.names[operation]) for operation, names in self.names.items()}
        return {operation: names for operation, names in left.items() if names}


def _names(service: str, operation: str, listed: str, name: str) -> frozenset[str]:
    client: Any = boto3.client(service)  # type: ignore[call-overload]
    found = getattr(client, operation)().get(listed, [])
    return frozenset(entry[name] if name else entry for entry in found) - SHARED
