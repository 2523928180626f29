"""A usage plan's limits stay numbers when they are changed.

Gap in ministack: UpdateUsagePlan keeps the text of a patch operation as it is, so that a changed limit comes back as a
string, which Terraform's provider cannot read.
"""

from collections.abc import Callable
from typing import Any

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

UPDATE_USAGE_PLAN = PrivateName("ministack.services.apigateway_v1", "_update_usage_plan", ("plan_id", "data"))
TOUCHES = (UPDATE_USAGE_PLAN,)

NUMBERS: dict[str, type[int] | type[float]] = {
    "/throttle/rateLimit": float,
    "/throttle/burstLimit": int,
    "/quota/limit": int,
    "/quota/offset": int,
}

Update = Callable[[str, dict[str, Any]], Any]


def apply(settings: Settings) -> None:
    UPDATE_USAGE_PLAN.wrap(with_numbers)


def with_numbers(original: Update) -> Update:
    def update(plan_id: str, data: dict[str, Any]) -> Any:  # noqa: ANN401 - ministack's own answer
        return original(plan_id, {**data, "patchOperations": [numbered(op) for op in data.get("patchOperations", [])]})

    return update


def numbered(operation: dict[str, str]) -> dict[str, Any]:
    number = NUMBERS.get(operation.get("path", ""))
    return {**operation, "value": number(operation["value"])} if number and "value" in operation else operation
