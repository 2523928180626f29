"""`POST /_lakeloop/rights`: the way for the local SageMaker to ask whether a caller's policies allow a call.

Gap in ministack: it checks the calls that it answers itself, and SageMaker's go elsewhere. What it evaluates is the
same: the policies of the caller's user or role, by action, resource and the tags that the call sets or finds.
Signatures are not checked here; who asks must know the token that the supervisor made.
"""

import json
from typing import Any

from lakeloop.local.aws import trusted
from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import ACCOUNT, REGION, Settings

PATH = "/_lakeloop/rights"

EVALUATOR = "ministack.core.iam_evaluator"
CALLER = PrivateName(EVALUATOR, "resolve_principal", ("access_key_id", "account_id", "credential"))
EVALUATE = PrivateName(EVALUATOR, "evaluate", ("ctx", "policies", "limits"))
CONTEXT = PrivateName(EVALUATOR, "EvalContext")
TOUCHES = (trusted.APPLICATION, CALLER, EVALUATE, CONTEXT)


def apply(settings: Settings) -> None:
    trusted.serve(PATH, settings.events_token, lambda asked: (200, json.dumps(judged(**asked)).encode()))


def judged(access_key: str, action: str, resource: str, context: dict[str, str]) -> dict[str, Any]:
    """Who the caller is, and whether the call is allowed; an unknown key belongs to nobody and is not."""
    caller = CALLER.get()(access_key, ACCOUNT)
    if not hasattr(caller, "policies"):
        return {"caller": "an unknown access key", "allowed": False}
    # None stands for the root of the account.
    if caller.policies is None:
        return {"caller": caller.arn, "allowed": True}
    found = EVALUATE.get()(
        CONTEXT.get()(
            principal_arn=caller.arn,
            principal_type=caller.type,
            principal_account=caller.account,
            action=action,
            resource_arn=resource,
            region=REGION,
            service_context={key.lower(): value for key, value in context.items()},
            principal_keys=caller.keys,
        ),
        caller.policies,
        *caller.limits,
    )
    return {"caller": caller.arn, "allowed": found.decision == "Allow"}
