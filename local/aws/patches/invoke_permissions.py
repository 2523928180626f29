"""API Gateway invokes a function, or the alias that an integration names, only where the policy of just that lets it.

Gap in ministack: it invokes whatever the integration names. Only where policies are enforced; API Gateway answers what
it may not invoke with its API_CONFIGURATION_ERROR.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import ACCOUNT, REGION, Settings

CALL = PrivateName(
    "ministack.services.apigateway_v1", "_call_lambda_raw", ("function_ref", "event", "account_id", "region")
)
FUNCTION = PrivateName("ministack.services.lambda_svc", "_get_base_func_record_for_ref", ("function_ref",))
LIKE = PrivateName("ministack.core.iam_evaluator", "_op_arn_like", ("actual", "expected"))
TOUCHES = (CALL, FUNCTION, LIKE)

GATEWAY = {"Service": "apigateway.amazonaws.com"}


def apply(settings: Settings) -> None:
    if settings.iam_enforced:
        CALL.wrap(with_permission)


def with_permission(original: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def call(function_ref: str, event: dict[str, Any], **scope: object) -> Any:  # noqa: ANN401
        context = event.get("requestContext", {})
        function, _, _ = FUNCTION.get()(function_ref)
        if "resourcePath" in context and function and not lets_in(function["policy"], function_ref, context):
            return None, f"Invalid permissions on Lambda function {function_ref}"
        return await original(function_ref, event, **scope)

    return call


def lets_in(policy: Mapping[str, Any], function_ref: str, context: Mapping[str, str]) -> bool:
    """Whether a statement about just this function or alias names this method of the API."""
    method = f"{context['apiId']}/{context['stage']}/{context['httpMethod']}{context['resourcePath']}"
    source = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{method}"
    return any(
        statement["Resource"] == function_ref
        and statement["Principal"] == GATEWAY
        and LIKE.get()(source, statement.get("Condition", {}).get("ArnLike", {}).get("AWS:SourceArn", "*"))
        for statement in policy["Statement"]
    )
