"""The name of a secret that is scheduled for deletion stays taken, and Secrets Manager says why.

Gap in ministack: it says ResourceExistsException, as for a secret that is there.
"""

from collections.abc import Callable
from typing import Any

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

MODULE = "ministack.services.secretsmanager"
CREATE = PrivateName(MODULE, "_create_secret", ("data",))
SECRETS = PrivateName(MODULE, "_secrets")
REFUSE = PrivateName(
    MODULE, "error_response_json", ("code", "message", "status", "extra", "message_key", "content_type")
)
TOUCHES = (CREATE, SECRETS, REFUSE)

TAKEN = "You can't create this secret because a secret with this name is already scheduled for deletion."


def apply(settings: Settings) -> None:
    CREATE.wrap(unless_scheduled)


def unless_scheduled(original: Callable[..., Any]) -> Callable[..., Any]:
    def create(data: dict[str, Any]) -> Any:  # noqa: ANN401 - a response of ministack's
        if (SECRETS.get().get(data.get("Name", "")) or {}).get("DeletedDate"):
            return REFUSE.get()("InvalidRequestException", TAKEN, 400)
        return original(data)

    return create
