"""Versions and aliases of a function have policies of their own, and share its reserved concurrency.

Gaps in ministack: a function has one policy, so that a statement about an alias is in the way of one of the same id
about the function, and goes with it; reserved concurrency holds back calls of the function and none of its versions.
"""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

MODULE = "ministack.services.lambda_svc"
ADD = PrivateName(MODULE, "_add_permission", ("func_name", "data", "query_params", "path_qualifier"))
REMOVE = PrivateName(MODULE, "_remove_permission", ("func_name", "sid", "query_params", "path_qualifier"))
GET = PrivateName(MODULE, "_get_policy", ("func_name", "query_params", "path_qualifier"))
RESERVED = PrivateName(MODULE, "_reserved_concurrency", ("func", "config"))
QUALIFIER = PrivateName(MODULE, "_qualifier_from_path_or_query", ("path_qualifier", "query_params"))
ARN = PrivateName(MODULE, "_policy_resource_arn", ("func_name", "qualifier"))
FUNCTIONS = PrivateName(MODULE, "_functions")
TOUCHES = (ADD, REMOVE, GET, RESERVED, QUALIFIER, ARN, FUNCTIONS)


def apply(settings: Settings) -> None:
    for call in (ADD, REMOVE, GET):
        call.wrap(with_own_policy)
    RESERVED.wrap(of_the_function)


def with_own_policy(original: Callable[..., Any]) -> Callable[..., Any]:
    """Show the call the statements about what it names, and keep the others."""
    signature = inspect.signature(original)

    @wraps(original)
    def call(*arguments: object, **options: object) -> Any:  # noqa: ANN401 - ministack's own answer
        bound = signature.bind(*arguments, **options)
        bound.apply_defaults()
        given = bound.arguments
        function = FUNCTIONS.get().get(given["func_name"])
        if function is None:
            return original(*arguments, **options)
        arn = ARN.get()(given["func_name"], QUALIFIER.get()(given["path_qualifier"], given["query_params"]))
        statements = function["policy"]["Statement"]
        others = [statement for statement in statements if statement["Resource"] != arn]
        function["policy"]["Statement"] = [statement for statement in statements if statement["Resource"] == arn]
        try:
            return original(*arguments, **options)
        finally:
            function["policy"]["Statement"] += others

    return call


def of_the_function(original: Callable[..., int | None]) -> Callable[..., int | None]:
    def reserved(func: dict[str, Any], config: dict[str, Any]) -> int | None:
        return original(FUNCTIONS.get().get(config.get("FunctionName")) or func, config)

    return reserved
