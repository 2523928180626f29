"""Why a document does not fit a JSON schema, in the words of API Gateway's validator."""

import json
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]


def validation_message(schema: Schema, document: object) -> str:
    """The text of `$context.error.validationErrorString`, with the quotes escaped as API Gateway does."""
    problems = ", ".join(problems_of(schema, document)) or "instance does not match the schema"
    return json.dumps(f"[{problems}]")[1:-1]


def problems_of(schema: Schema, value: object) -> Iterator[str]:
    """What the keywords type, required, additionalProperties and properties find; others are not told apart."""
    allowed = schema.get("type")
    if allowed is not None and kind_of(value) not in wider(allowed):
        listed = json.dumps(allowed if isinstance(allowed, list) else [allowed], separators=(",", ":"))
        yield f"instance type ({kind_of(value)}) does not match any allowed primitive type (allowed: {listed})"
        return
    if not isinstance(value, dict):
        return
    properties: dict[str, Schema] = schema.get("properties", {})
    if unwanted := sorted(value.keys() - properties) if schema.get("additionalProperties") is False else []:
        yield f"object instance has properties which are not allowed by the schema: {names(unwanted)}"
    if missing := sorted(set(schema.get("required", ())) - value.keys()):
        yield f"object has missing required properties ({names(missing)})"
    for name in sorted(value.keys() & properties.keys()):
        yield from problems_of(properties[name], value[name])


def names(listed: list[str]) -> str:
    return json.dumps(listed, separators=(",", ":"))


def wider(allowed: str | list[str]) -> set[str]:
    kinds = {allowed} if isinstance(allowed, str) else set(allowed)
    return kinds | {"integer"} if "number" in kinds else kinds


def kind_of(value: object) -> str:
    kinds: tuple[tuple[type, str], ...] = (
        (bool, "boolean"),
        (int, "integer"),
        (float, "number"),
        (str, "string"),
        (list, "array"),
        (dict, "object"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")
