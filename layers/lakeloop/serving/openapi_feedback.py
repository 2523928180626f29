"""The part of the OpenAPI document that tells labels of predictions."""

from typing import get_args

from lakeloop.contract import DatasetContract
from lakeloop.feedback.request import LONGEST_SOURCE, MOST_LABELS
from lakeloop.feedback.verdict import Taken
from lakeloop.serving.schemas import TEXT, label, reference

# What the answer to one label may be beside what predictions are refused with; labels of a list have it each.
REFUSALS = {
    "410": "The prediction is older than the contract's capture.join_days.",
    "422": "The prediction was not kept.",
}
ANSWERED = ("400", "403", "404", "410", "413", "415", "422", "429", "500", "503", "504")


def schemas(contract: DatasetContract) -> dict[str, object]:
    told = {
        "type": "object",
        "required": ["inference_id", "label"],
        "additionalProperties": False,
        "properties": {
            "inference_id": reference("inference_id"),
            "label": label(contract),
            "event_time": {
                "type": "string",
                "format": "date-time",
                "description": "When the label came to be, with a zone; left out or later than now, now.",
            },
            "label_source": {"type": "string", "maxLength": LONGEST_SOURCE, "description": "Who or what said so."},
        },
    }
    taken = {
        "type": "object",
        "required": ["inference_id", "verdict"],
        "properties": {
            "inference_id": reference("inference_id"),
            "verdict": {"type": "string", "enum": list(get_args(Taken))},
        },
    }
    verdicts = {"oneOf": [reference(f"{contract.name}.taken"), reference("refusal")]}
    count = {"type": "integer", "minimum": 0}
    return {
        f"{contract.name}.label": told,
        f"{contract.name}.taken": taken,
        f"{contract.name}.feedback": {
            "type": "object",
            "required": ["dataset", "taken", "refused", "labels"],
            "properties": {
                "dataset": {"type": "string", "enum": [contract.name]},
                "taken": count,
                "refused": count,
                "labels": {"type": "array", "items": verdicts},
            },
        },
    }


def operation(contract: DatasetContract) -> dict[str, object]:
    several = {
        "type": "object",
        "required": ["labels"],
        "additionalProperties": False,
        "properties": {
            "labels": {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_LABELS,
                "items": reference(f"{contract.name}.label"),
            }
        },
    }
    body = {"oneOf": [reference(f"{contract.name}.label"), several]}
    answers = {"oneOf": [reference(f"{contract.name}.taken"), reference(f"{contract.name}.feedback")]}
    taken = {"description": "Taken; of several each has a verdict.", "content": {TEXT: {"schema": answers}}}
    return {
        "operationId": f"label_{contract.name}",
        "summary": f"Tell what predictions of {contract.name} should have been: one label, or up to {MOST_LABELS}.",
        "requestBody": {"required": True, "content": {TEXT: {"schema": body}}},
        "responses": {"200": taken, **{status: {"$ref": f"#/components/responses/{status}"} for status in ANSWERED}},
    }
