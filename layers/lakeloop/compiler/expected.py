"""What the schema asks for at a place of a contract, in words."""

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
    """What may stand at a path."""
    schema = schema_at(path)
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    if "pattern" in schema:
        return str(schema["description"])
    limits = [said.format(schema[key]) for key, said in LIMITS.items() if key in schema]
    kind = KINDS[schema["type"]]
    return f"{kind} {' and '.join(limits)}" if limits else kind


def keys_at(path: Path) -> list[str]:
    """The keys that a mapping at a path may have."""
    return list(schema_at(path).get("properties", {}))


def schema_at(path: Path) -> Schema:
    found = _resolved(_schema())
    for part in path:
        if isinstance(part, int):
            found = _resolved(found["items"])
        else:
            found = _resolved(found.get("properties", {}).get(part) or found["additionalProperties"])
    return found


def _resolved(schema: Schema) -> Schema:
    """What a reference leads to; of something optional, what it is when it is there."""
    options = [option for option in schema.get("anyOf", []) if option.get("type") != "null"]
    if options:
        return _resolved(options[0])
    if reference := schema.get("$ref"):
        definitions: Schema = _schema()["$defs"]
        return dict(definitions[reference.rpartition("/")[2]])
    return schema


@cache
def _schema() -> Schema:
    return DatasetContract.model_json_schema()
