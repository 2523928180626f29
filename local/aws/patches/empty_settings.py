"""What was never set on a stage or a usage plan is left out of its description.

Gap in ministack: it answers empty objects (`"accessLogSettings": {}`, `"quota": {}`), which Terraform reads as blocks
that the configuration lacks.
"""

import json
from collections.abc import Callable

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

MODULE = "ministack.services.apigateway_v1"
TOUCHES = (
    PrivateName(MODULE, "_create_stage", ("api_id", "data")),
    PrivateName(MODULE, "_get_stage", ("api_id", "stage_name")),
    PrivateName(MODULE, "_update_stage", ("api_id", "stage_name", "data")),
    PrivateName(MODULE, "_create_usage_plan", ("data",)),
    PrivateName(MODULE, "_get_usage_plan", ("plan_id",)),
    PrivateName(MODULE, "_update_usage_plan", ("plan_id", "data")),
)
OPTIONAL = ("accessLogSettings", "quota", "throttle")

Response = tuple[int, dict[str, str], bytes]


def apply(settings: Settings) -> None:
    for operation in TOUCHES:
        operation.wrap(without_empty_settings)


def without_empty_settings(original: Callable[..., Response]) -> Callable[..., Response]:
    def operation(*arguments: object) -> Response:
        status, headers, body = original(*arguments)
        described = {name: value for name, value in json.loads(body).items() if value or name not in OPTIONAL}
        return status, headers, json.dumps(described).encode()

    return operation
