"""An API key created without a value gets a generated one, and whether it is enabled stays a truth when it is changed.

Gaps in ministack: Terraform's provider sends `"value": ""` for "generate one", as AWS reads it; ministack refuses it as
shorter than 20 characters. UpdateApiKey keeps the text of a patch operation as it is, so that a disabled key comes back
as "false", which the provider cannot read, and still lets requests in.
"""

from collections.abc import Callable
from typing import Any

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

MODULE = "ministack.services.apigateway_v1"
CREATE_API_KEY = PrivateName(MODULE, "_create_api_key", ("data",))
UPDATE_API_KEY = PrivateName(MODULE, "_update_api_key", ("key_id", "data"))
TOUCHES = (CREATE_API_KEY, UPDATE_API_KEY)

ENABLED = "/enabled"

Create = Callable[[dict[str, Any]], Any]
Update = Callable[[str, dict[str, Any]], Any]


def apply(settings: Settings) -> None:
    CREATE_API_KEY.wrap(with_value)
    UPDATE_API_KEY.wrap(with_truth)


def with_value(original: Create) -> Create:
    return lambda data: original({key: value for key, value in data.items() if key != "value" or value})


def with_truth(original: Update) -> Update:
    def update(key_id: str, data: dict[str, Any]) -> Any:  # noqa: ANN401 - ministack's own answer
        return original(key_id, {**data, "patchOperations": [truthful(op) for op in data.get("patchOperations", [])]})

    return update


def truthful(operation: dict[str, Any]) -> dict[str, Any]:
    if operation.get("path") != ENABLED:
        return operation
    return {**operation, "value": str(operation.get("value")).lower() == "true"}
