"""The account is one in which bootstrap/ has been applied: API Gateway has the role as which it writes logs.

No gap of ministack: an account is prepared once before its first environment, and this one is there from the start.
"""

import json
from collections.abc import Callable

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import REGION, Settings

MODULE = "ministack.services.iam"
CREATE_ROLE = PrivateName(MODULE, "_create_role", ("p",))
ROLES = PrivateName(MODULE, "_roles")
TOUCHES = (CREATE_ROLE, ROLES)

API_LOGS_ROLE = f"lakeloop-api-gateway-logs-{REGION}"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "apigateway.amazonaws.com"}}
    ],
}


def apply(settings: Settings) -> Callable[[], None]:
    return prepare


def prepare() -> None:
    """Make the role where it is missing, in a new account or after a reset."""
    if API_LOGS_ROLE not in ROLES.get():
        CREATE_ROLE.get()({"RoleName": [API_LOGS_ROLE], "AssumeRolePolicyDocument": [json.dumps(TRUST)]})
