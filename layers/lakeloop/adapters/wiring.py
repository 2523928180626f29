"""What still wakes the functions of an environment: a `terraform destroy` takes it away before it deletes anything."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from lakeloop.adapters.aws import error_code

if TYPE_CHECKING:
    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_lambda.client import LambdaClient


class Wiring:
    """Looks queues and rules up by their whole names: a prefix may be that of another environment too."""

    def __init__(self, functions: "LambdaClient", rules: "EventBridgeClient") -> None:
        self._functions = functions
        self._rules = rules

    def left(self, queues: Iterable[str], rules: Iterable[str]) -> list[str]:
        """What is still there, by name: queues that wake a function, given by ARN, and rules."""
        mappings = [f"the queue {queue.rpartition(':')[2]}" for queue in queues if any(self._mappings(queue))]
        return [*mappings, *(f"the rule {rule}" for rule in rules if self._has_rule(rule))]

    def _mappings(self, queue: str) -> Iterator[str]:
        """By what wakes: a mapping names an alias, and a list by function may leave those out."""
        for page in self._functions.get_paginator("list_event_source_mappings").paginate(EventSourceArn=queue):
            for mapping in page["EventSourceMappings"]:
                if mapping["State"] != "Deleting":
                    yield mapping["UUID"]

    def _has_rule(self, name: str) -> bool:
        try:
            self._rules.describe_rule(Name=name)
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return False
            raise
        return True
