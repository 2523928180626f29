"""What the schema asks for at a place of a contract, in words."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from lakeloop.compiler.problems import Path
from lakeloop.contract import DatasetContract

Schema = dict[str, Any]
"""A JSON Schema as pydantic writes it."""

KINDS = {
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "a mapping",
}

# Limits in JSON Schema, and how a limit is said.
LIMITS = {
    "minimum": "of at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
    "multipleOf": "divisible by {}",
    "minItems": "of at least {}",
    "minProperties": "of at least {}",
    "maxProperties": "at most {}",
}


def expectation(path: Path) -> str:
    """What may stand at a path; of several kinds, each."""
    return " or ".join(dict.fromkeys(map(_said, schemas_at(path))))


def keys_at(path: Path) -> list[str]:
    """The keys that a mapping at a path may have."""
    return list(dict.fromkeys(key for schema in schemas_at(path) for key in schema.get("properties", {})))


def place(location: Path, *, unknown_key: bool = False) -> Path:
    """The place of one of pydantic's errors without its words for the branches of a union.

    The last part is kept where it is an `unknown_key`, which no schema has.
    """
    known: list[str | int] = []
    schemas = _roots()
    for part in location[:-1] if unknown_key else location:
        if inner := list(_inside(schemas, part)):
            known.append(part)
            schemas = inner
    return (*known, location[-1]) if unknown_key else tuple(known)


def schemas_at(path: Path) -> list[Schema]:
    """Each kind of value that a place may have; nothing stands for one that is left out."""
    schemas = _roots()
    for part in path:
        schemas = list(_inside(schemas, part))
    return schemas


def _said(schema: Schema) -> str:
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    if "const" in schema:
        return str(schema["const"]).lower() if isinstance(schema["const"], bool) else str(schema["const"])
    if "pattern" in schema:
        return str(schema["description"])
    if schema["type"] == "string" and schema.get("maxLength") == 1:
        return "one character"
    limits = [said.format(schema[key]) for key, said in LIMITS.items() if key in schema]
    kind = KINDS[schema["type"]]
    return f"{kind} {' and '.join(limits)}" if limits else kind


def _inside(schemas: list[Schema], part: str | int) -> Iterator[Schema]:
    for schema in schemas:
        if isinstance(part, int):
            inner = schema.get("items")
        else:
            inner = schema.get("properties", {}).get(part) or schema.get("additionalProperties")
        if inner:
            yield from _resolved(inner)


def _resolved(schema: Schema) -> Iterator[Schema]:
    """What references and unions lead to; of something optional, what it is when it is there."""
    if reference := schema.get("$ref"):
        yield from _resolved(_schema()["$defs"][reference.rpartition("/")[2]])
    elif options := schema.get("anyOf") or schema.get("oneOf"):
        for option in options:
            yield from _resolved(option)
    elif schema.get("type") != "null":
        yield schema


def _roots() -> list[Schema]:
    return list(_resolved(_schema()))


@cache
def _schema() -> Schema:
    return DatasetContract.model_json_schema()
