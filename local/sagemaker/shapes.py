"""Requests checked against AWS's own model of the service, further than botocore does.

botocore leaves out max, pattern and enum. https://smithy.io/2.0/spec/constraint-traits.html says what the constraints
mean; the wording is that of AWS's answers.
"""

import math
from collections.abc import Iterator
from functools import cache

import regex
from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StringShape, StructureShape

from lakeloop.local.sagemaker.documents import Document, Json
from lakeloop.local.sagemaker.errors import ServiceError, invalid

# How AWS's parser names a JSON value that it did not expect.
TOKENS: dict[type, str] = {
    bool: "TRUE_VALUE or FALSE_VALUE",
    int: "NUMBER_VALUE",
    float: "NUMBER_VALUE",
    str: "STRING_VALUE",
}
PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
}


@cache
def service_model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service_name=service)


def check_request(request: Json, shape: Shape) -> Document:
    """The members of `request` that the model knows. Raises ServiceError naming every constraint it breaks."""
    known = only_known(request, shape)
    problems = list(_problems(known, shape, ""))
    if problems:
        errors = "error" if len(problems) == 1 else "errors"
        raise invalid(f"{len(problems)} validation {errors} detected: {'; '.join(problems)}")
    assert isinstance(known, dict)  # noqa: S101 - every request is a structure
    return known


def only_known(value: Json, shape: Shape) -> Json:
    """`value` without the members that the model does not know (AWS ignores them) and without nulls."""
    _check_type(value, shape)
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        present = ((name, value.get(name), member) for name, member in shape.members.items())
        return {name: only_known(given, member) for name, given, member in present if given is not None}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [only_known(item, shape.member) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: only_known(item, shape.value) for key, item in value.items() if item is not None}
    return value


def _check_type(value: Json, shape: Shape) -> None:
    # bool is an int in Python and none in JSON.
    boolean = isinstance(value, bool) == (shape.type_name == "boolean")
    if not boolean or not isinstance(value, PYTHON_TYPES[shape.type_name]):
        found = TOKENS.get(type(value), "Start of structure or list")
        raise ServiceError("SerializationException", f"{found} can not be converted to a {shape.type_name}")


def _problems(value: Json, shape: Shape, path: str) -> Iterator[str]:
    for rule in _broken(value, shape):
        yield f"Value {_shown(value)} at '{path}' failed to satisfy constraint: {rule}"
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for name, member in shape.members.items():
            below = f"{path}.{_lower_first(name)}".lstrip(".")
            if name in value:
                yield from _problems(value[name], member, below)
            elif name in shape.required_members:
                yield f"Value null at '{below}' failed to satisfy constraint: Member must not be null"
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for number, item in enumerate(value, start=1):
            yield from _problems(item, shape.member, f"{path}.{number}.member")
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        for key, item in value.items():
            yield from _problems(key, shape.key, f"{path}.{key}.key")
            yield from _problems(item, shape.value, f"{path}.{key}.value")


def _broken(value: Json, shape: Shape) -> Iterator[str]:
    """The constraints that the value itself breaks, as AWS words them."""
    low, high = shape.metadata.get("min", -math.inf), shape.metadata.get("max", math.inf)
    if isinstance(value, str | list | dict):
        if len(value) < low:
            yield f"Member must have length greater than or equal to {low}"
        if len(value) > high:
            yield f"Member must have length less than or equal to {high}"
    elif isinstance(value, int | float):
        if value < low:
            yield f"Member must have value greater than or equal to {low}"
        if value > high:
            yield f"Member must have value less than or equal to {high}"
    if isinstance(shape, StringShape) and isinstance(value, str):
        pattern = shape.metadata.get("pattern")
        if pattern and not _compiled(pattern).fullmatch(value):
            yield f"Member must satisfy regular expression pattern: {pattern}"
        if shape.enum and value not in shape.enum:
            yield f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"


@cache
def _compiled(pattern: str) -> "regex.Pattern[str]":
    # AWS's patterns are Java's, with classes such as \p{L} that `re` does not know.
    return regex.compile(pattern)


def _shown(value: Json) -> str:
    if isinstance(value, list):
        return f"'[{', '.join(map(str, value))}]'"
    if isinstance(value, dict):
        return "'{" + ", ".join(f"{key}={item}" for key, item in value.items()) + "}'"
    return f"'{value}'"


def _lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]
