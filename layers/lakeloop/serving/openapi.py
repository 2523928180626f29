"""The prediction API as an OpenAPI document, made from the contracts.

OpenAPI 3.0, which API Gateway, generators of clients and portals read alike:
https://spec.openapis.org/oas/v3.0.3
"""

from collections.abc import Mapping, Sequence
from typing import Any

from lakeloop.contract import DatasetContract
from lakeloop.serving import openapi_feedback as feedback
from lakeloop.serving.reader import RequestReader
from lakeloop.serving.request import LARGEST_BATCH, LARGEST_BODY, MOST_ROWS
from lakeloop.serving.schemas import SCHEMAS, TEXT, candidate, features, prediction, reference
from lakeloop.values.codes import asked_columns, carried_columns

HERE = "."
KEY = "key"

ABOUT = (
    "A request is judged by the contract that the served model was trained with; this document shows the contracts as "
    "they are deployed now. Numbers may be sent as texts in the notation of the dataset's files."
)
REFUSALS = {
    "400": "The request does not fit the contract; `fields` names each field that does not.",
    "403": "No valid API key.",
    "404": "There is no such dataset.",
    "413": f"One row has at most {LARGEST_BODY:,} bytes, a batch {LARGEST_BATCH:,}, and an answer 6 MB.",
    "415": "The body is not application/json.",
    "429": "Too many requests: try again after the seconds of Retry-After.",
    "500": "The prediction failed on the side of the API.",
    "502": "The model failed.",
    "503": "No model is in service yet, or it is busy or starting: try again after the seconds of Retry-After.",
    "504": "The prediction took too long.",
}


def document(contracts: Sequence[DatasetContract], server: str = HERE) -> dict[str, object]:
    """The document of the datasets that are trained; `server` is where its paths begin."""
    learned = [contract for contract in contracts if contract.problem is not None]
    paths: dict[str, object] = {"/openapi.json": {"get": _described()}}
    schemas: dict[str, object] = dict(SCHEMAS)
    for contract in learned:
        path = f"/datasets/{contract.name}/predictions"
        of_one = {"post": _one(contract)}
        if RequestReader(contract).is_public:
            of_one["get"] = _queried(contract)
        paths |= {path: of_one, f"{path}/batch": {"post": _several(contract)}}
        paths[f"/datasets/{contract.name}/feedback"] = {"post": feedback.operation(contract)}
        schemas |= {**_schemas(contract), **feedback.schemas(contract)}
    return {
        "openapi": "3.0.3",
        "info": {"title": "lakeloop predictions", "version": "1", "description": ABOUT},
        "servers": [{"url": server}],
        "security": [{KEY: []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {status: _refusal(status, text) for status, text in (REFUSALS | feedback.REFUSALS).items()},
            "securitySchemes": {KEY: {"type": "apiKey", "in": "header", "name": "x-api-key"}},
        },
    }


def _schemas(contract: DatasetContract) -> dict[str, object]:
    name = contract.name
    row = {
        "type": "object",
        "required": ["features"],
        "additionalProperties": False,
        "properties": {"features": reference(f"{name}.features"), "inference_id": reference("inference_id")},
    }
    made_by = {"model": reference("model"), "data_commit": reference("data_commit"), "candidate": candidate()}
    found = prediction(contract)
    return {
        f"{name}.features": features(asked_columns(contract), carried_columns(contract)),
        f"{name}.row": row,
        f"{name}.prediction": {
            "type": "object",
            "required": ["inference_id", "dataset", *found, "model", "data_commit"],
            "properties": {
                "inference_id": reference("inference_id"),
                "dataset": {"type": "string", "enum": [name]},
                **found,
                **made_by,
            },
        },
        f"{name}.predicted": {
            "type": "object",
            "required": ["inference_id", *found],
            "properties": {"inference_id": reference("inference_id"), **found},
        },
        f"{name}.predictions": {
            "type": "object",
            "required": ["dataset", "model", "data_commit", "predicted", "refused", "rows"],
            "properties": {
                "dataset": {"type": "string", "enum": [name]},
                **made_by,
                "predicted": {"type": "integer", "minimum": 0},
                "refused": {"type": "integer", "minimum": 0},
                "rows": {
                    "type": "array",
                    "description": "A prediction or a refusal for each row, in their order.",
                    "items": {"oneOf": [reference(f"{name}.predicted"), reference("refusal")]},
                },
            },
        },
    }


def _one(contract: DatasetContract) -> dict[str, object]:
    return {
        "operationId": f"predict_{contract.name}",
        "summary": f"Predict one row of {contract.name}.",
        "description": contract.description,
        "requestBody": _body(reference(f"{contract.name}.row")),
        "responses": _responses(reference(f"{contract.name}.prediction")),
    }


def _several(contract: DatasetContract) -> dict[str, object]:
    rows = {"type": "array", "minItems": 1, "maxItems": MOST_ROWS, "items": reference(f"{contract.name}.row")}
    batch = {"type": "object", "required": ["rows"], "additionalProperties": False, "properties": {"rows": rows}}
    return {
        "operationId": f"predict_{contract.name}_batch",
        "summary": f"Predict up to {MOST_ROWS} rows of {contract.name}; rows that do not fit are refused one by one.",
        "requestBody": _body(batch),
        "responses": _responses(reference(f"{contract.name}.predictions")),
    }


def _queried(contract: DatasetContract) -> dict[str, object]:
    columns = asked_columns(contract)
    # Nothing stands in an address where a value is missing.
    schemas: Mapping[str, Any] = features([column.model_copy(update={"nullable": False}) for column in columns])
    return {
        "operationId": f"query_{contract.name}",
        "summary": f"Predict one row of {contract.name}, whose features are all public, without a key.",
        "security": [],
        "parameters": [
            {
                "name": column.name,
                "in": "query",
                "required": not column.nullable,
                "schema": schemas["properties"][column.name],
            }
            for column in columns
        ],
        "responses": _responses(reference(f"{contract.name}.prediction")),
    }


def _described() -> dict[str, object]:
    return {
        "operationId": "describe",
        "summary": "This document.",
        "responses": {
            "200": {"description": "An OpenAPI document.", "content": {TEXT: {"schema": {"type": "object"}}}}
        },
    }


def _body(schema: Mapping[str, object]) -> dict[str, object]:
    return {"required": True, "content": {TEXT: {"schema": schema}}}


def _responses(schema: Mapping[str, object]) -> dict[str, object]:
    answered = {"description": "Predicted.", "content": {TEXT: {"schema": schema}}}
    return {"200": answered, **{status: {"$ref": f"#/components/responses/{status}"} for status in REFUSALS}}


def _refusal(status: str, text: str) -> dict[str, object]:
    found: dict[str, object] = {"description": text, "content": {TEXT: {"schema": reference("refusal")}}}
    if status in ("429", "503"):
        found["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return found
