"""JSON schemas, in the form of OpenAPI 3.0, of what the prediction API takes and answers."""

from collections.abc import Iterator, Sequence
from typing import Any

from lakeloop.contract import Column, DatasetContract
from lakeloop.serving.request import INFERENCE_ID

TEXT = "application/json"
MOST_LISTED = 500

SCHEMAS: dict[str, object] = {
    "inference_id": {
        "type": "string",
        "description": "Names one prediction; made up where it is left out.",
        "minLength": 1,
        "maxLength": 64,
        "pattern": f"^{INFERENCE_ID.pattern}$",
    },
    "model": {
        "type": "string",
        "nullable": True,
        "description": "Name of the model that answered; null while SageMaker cannot be asked.",
    },
    "data_commit": {
        "type": "string",
        "nullable": True,
        "description": "Commit of the lake that the model learned from; null where it is not known.",
    },
    "refusal": {
        "type": "object",
        "required": ["error", "message"],
        "properties": {
            "error": {"type": "string"},
            "message": {"type": "string"},
            "fields": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["field", "problem"],
                    "properties": {"field": {"type": "string"}, "problem": {"type": "string"}},
                },
            },
        },
    },
}


def reference(name: str) -> dict[str, object]:
    """To a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def candidate() -> dict[str, object]:
    """The model that an update is bringing."""
    return {
        "type": "object",
        "description": "Only while an update is under way: the model that may have answered in the place of `model`. "
        "Both read the row alike.",
        "required": ["model", "data_commit"],
        "properties": {"model": reference("model"), "data_commit": reference("data_commit")},
    }


def features(columns: Sequence[Column], carried: Sequence[Column] = ()) -> dict[str, Any]:
    """An object of the columns; those that may be empty may be left out too, and those that are carried."""
    optional = [column.model_copy(update={"nullable": True}) for column in carried]
    found: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **{column.name: _value(column) for column in columns},
            **{column.name: {**_value(column), "description": _carried(column)} for column in optional},
        },
    }
    if required := [column.name for column in columns if not column.nullable]:
        found["required"] = required
    return found


def label(contract: DatasetContract) -> dict[str, object]:
    """What a prediction should have been: the label's column, which says something."""
    return _value(contract.label_column.model_copy(update={"nullable": False}))


def prediction(contract: DatasetContract) -> dict[str, object]:
    """The fields of what is predicted."""
    if contract.problem == "regression":
        return {
            "prediction": {"type": "number"},
            "confidence": {"type": "number", "nullable": True, "enum": [None]},
            "probabilities": {"type": "object", "maxProperties": 0},
        }
    share = {"type": "number", "minimum": 0, "maximum": 1}
    return {
        "prediction": {"type": "string", "enum": list(contract.classes)},
        "confidence": {**share, "description": "The probability of the predicted class."},
        "probabilities": {
            "type": "object",
            "required": list(contract.classes),
            "properties": dict.fromkeys(contract.classes, share),
        },
    }


def _value(column: Column) -> dict[str, object]:
    found = dict(_typed(column))
    said = [column.description, *_said(column)]
    if text := "; ".join(filter(None, said)):
        found["description"] = text
    if column.nullable:
        found["nullable"] = True
        if "enum" in found:
            found["enum"] = [*column.allowed, None]
    return found


def _carried(column: Column) -> str:
    said = (column.description, *_said(column), "no model reads it: it is kept with the prediction")
    return "; ".join(filter(None, said))


def _typed(column: Column) -> Iterator[tuple[str, object]]:
    match column.type:
        case "float" | "integer":
            yield "type", "number" if column.type == "float" else "integer"
            if column.min is not None:
                yield "minimum", column.min
            if column.max is not None:
                yield "maximum", column.max
        case "boolean":
            yield "type", "boolean"
        case _:
            yield "type", "string"
            if _is_closed(column):
                yield "enum", list(column.allowed)


def _is_closed(column: Column) -> bool:
    """Whether nothing but the listed values is taken, to the letter, and they are few enough to be listed."""
    open_ = column.unlisted != "reject" or column.aliases or column.ignore_case or not column.allowed
    return not open_ and len(column.allowed) <= MOST_LISTED


def _said(column: Column) -> Iterator[str]:
    """What a schema of JSON has no word for."""
    if column.allowed and not _is_closed(column):
        listed = ", ".join(column.allowed[:10])
        yield f"such as {listed}"
    if column.pattern:
        yield f"matches {column.pattern}"
    if column.type in ("date", "timestamp"):
        yield f"a {column.type} written as {column.format or 'ISO 8601'}"
