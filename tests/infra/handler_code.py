"""What a handler's code needs of AWS, read from its source: the adapters it imports and the calls they make."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import botocore.session
from botocore import xform_name

from tests.infra.running import ROOT

PACKAGE = ROOT / "layers" / "lakeloop"
# The services that handlers call, and how IAM calls them.
SERVICES = {
    "cloudwatch": "cloudwatch",
    "events": "events",
    "lambda": "lambda",
    "logs": "logs",
    "s3": "s3",
    "sns": "sns",
    "sqs": "sqs",
    "secretsmanager": "secretsmanager",
    "sagemaker": "sagemaker",
    "sagemaker-runtime": "sagemaker",
}

# Methods of which IAM asks for another right where a version is named.
OF_A_VERSION = {"get_object": {"s3:GetObjectVersion"}}


def calls(function: str) -> set[str]:
    """IAM names of the calls that the adapters of one function make."""
    found: set[str] = set()
    for module, names in adapter_imports(handler(function)):
        for name in names:
            found |= calls_of(module, name)
    return found


def settings_class(function: str) -> str:
    """Name of the settings model that the handler loads."""
    for node in ast.walk(handler(function)):
        if isinstance(node, ast.Attribute) and node.attr == "load" and isinstance(node.value, ast.Name):
            return node.value.id
    raise AssertionError(f"lambdas/{function}/handler.py loads no settings")


def handler(function: str) -> ast.Module:
    return parsed(ROOT / "lambdas" / function / "handler.py")


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def adapter_imports(module: ast.Module) -> Iterator[tuple[Path, list[str]]]:
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lakeloop.adapters."):
            file = PACKAGE.parent.joinpath(*str(node.module).split(".")).with_suffix(".py")
            # lakeFS has operations called like S3's; an adapter of AWS says which client it is given.
            if "mypy_boto3_" in file.read_text():
                yield file, [alias.name for alias in node.names]


def calls_of(file: Path, name: str, seen: frozenset[str] = frozenset()) -> set[str]:
    """Calls made by one class or function of an adapter, and by what of its module or of other adapters it uses."""
    module = parsed(file)
    definitions = {node.name: node for node in module.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    if name not in definitions or name in seen:
        return set()
    imported = {other: path for path, names in adapter_imports(module) for other in names}
    found: set[str] = set()
    versions = version_calls(definitions[name])
    for node in ast.walk(definitions[name]):
        if isinstance(node, ast.Attribute):
            found |= OF_A_VERSION[node.attr] if node in versions else actions(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # Paginators are asked for by the operation's name.
            found |= actions(node.value)
        elif isinstance(node, ast.Name):
            found |= calls_of(imported.get(node.id, file), node.id, seen | {name})
    return found


def version_calls(definition: ast.AST) -> set[ast.Attribute]:
    """The methods that are called with the version of an object."""
    return {
        node.func
        for node in ast.walk(definition)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in OF_A_VERSION
        and any(keyword.arg == "VersionId" for keyword in node.keywords)
    }


def actions(method: str) -> set[str]:
    action = iam_actions().get(method)
    return {action} if action else set()


@cache
def iam_actions() -> dict[str, str]:
    """IAM's name for each method of the clients."""
    loader = botocore.session.get_session().get_component("data_loader")
    return {
        xform_name(operation): f"{prefix}:{operation}"
        for service, prefix in SERVICES.items()
        for operation in loader.load_service_model(service, "service-2")["operations"]
    }
