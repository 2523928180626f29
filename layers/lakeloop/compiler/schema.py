"""The JSON Schema with which editors complete and check a contract."""

import json
from typing import Any

from lakeloop.contract import DatasetContract

# An editor types a scalar before it looks at the schema; lakeloop reads it as the text that it is.
ANY_SCALAR = ["string", "number", "boolean", "null"]


def editor_schema() -> str:
    return f"{json.dumps(_for_editors(DatasetContract.model_json_schema()), indent=2)}\n"


def _for_editors(schema: Any) -> Any:  # noqa: ANN401 any part of a JSON document
    if isinstance(schema, list):
        return [_for_editors(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {key: _for_editors(part) for key, part in schema.items()}
    free_text = schema.get("type") == "string" and not {"enum", "pattern"} & schema.keys()
    return {**parts, "type": ANY_SCALAR} if free_text else parts
