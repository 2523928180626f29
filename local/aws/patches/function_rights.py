"""Calls about aliases and layers need the rights that AWS asks for, on the version or alias that they name.

Gaps in ministack: it asks policies about ListLayers where versions of a layer are listed, about nothing where one is
deleted, and about ListAliases whatever is done with an alias; a version in the query is left out of the resource.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from lakeloop.local.aws.private import PrivateName
from lakeloop.local.aws.settings import Settings

MODULE = "ministack.core.iam_actions"
ACTION = PrivateName(MODULE, "extract_iam_action")
RESOURCE = PrivateName(MODULE, "extract_resource_arn")
TOUCHES = (ACTION, RESOURCE)

OF_LAYER_VERSION = {"GET": "GetLayerVersion", "DELETE": "DeleteLayerVersion"}
OF_LAYER = {"GET": "ListLayerVersions", "POST": "PublishLayerVersion"}
OF_ALIAS = {"GET": "GetAlias", "PUT": "UpdateAlias", "DELETE": "DeleteAlias"}


def apply(settings: Settings) -> None:
    ACTION.wrap(with_actions)
    RESOURCE.wrap(with_qualifiers)


def with_actions(original: Callable[..., str | None]) -> Callable[..., str | None]:
    def extract(service: str, method: str, path: str, *rest: object, **options: object) -> str | None:
        named = action_of(method, path) if service == "lambda" else None
        return f"lambda:{named}" if named else original(service, method, path, *rest, **options)

    return extract


def action_of(method: str, path: str) -> str | None:
    """Of `/<date>/layers/NAME/versions[/N]` and `/<date>/functions/NAME/aliases/A`; None for all else."""
    match path.strip("/").split("/"):
        case [_, "layers", _, "versions"]:
            return OF_LAYER.get(method)
        case [_, "layers", _, "versions", _]:
            return OF_LAYER_VERSION.get(method)
        case [_, "functions", _, "aliases", _]:
            return OF_ALIAS.get(method)
    return None


def with_qualifiers(original: Callable[..., str]) -> Callable[..., str]:
    signature = inspect.signature(original)

    def extract(*arguments: object, **options: object) -> str:
        arn = original(*arguments, **options)
        given = signature.bind(*arguments, **options).arguments
        if given["service"] != "lambda":
            return arn
        return qualified(arn, given["method"], given["path"], given["query_params"])

    return extract


def qualified(arn: str, method: str, path: str, query_params: Mapping[str, Any]) -> str:
    match path.strip("/").split("/"):
        case [_, "layers", _, "versions"] if method == "GET":
            return "*"
        case [_, "layers", _, "versions", number]:
            return f"{arn}:{number}"
        case [_, "functions", _, "invocations"]:
            found = query_params.get("Qualifier")
            qualifier = found[0] if isinstance(found, list) else found
            return f"{arn}:{qualifier}" if qualifier else arn
    return arn
