"""The JSON Schema with which editors complete and check a contract."""

import json
from typing import Any

from lakeloop.compiler.reference import meanings, sections
from lakeloop.contract import DatasetContract

# An editor types a scalar before it looks at the schema; lakeloop reads it as the text that it is.
ANY_SCALAR = ["string", "number", "boolean", "null"]


def editor_schema() -> str:
    schema = DatasetContract.model_json_schema()
    for section in sections():
        properties = (schema if section is DatasetContract else schema["$defs"][section.__name__])["properties"]
        for name, meaning in meanings(section).items():
            properties[section.model_fields[name].alias or name]["description"] = meaning
    return f"{json.dumps(_for_editors(schema), indent=2)}\n"


def _for_editors(schema: Any) -> Any:  # noqa: ANN401 any part of a JSON document
    if isinstance(schema, list):
        return [_for_editors(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {key: _for_editors(part) for key, part in schema.items()}
    free_text = schema.get("type") == "string" and not {"enum", "pattern"} & schema.keys()
    return {**parts, "type": ANY_SCALAR} if free_text else parts
