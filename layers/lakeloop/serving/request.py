"""A prediction request judged by the contract, and as the line of CSV that the container reads."""

import json
import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from lakeloop.contract import Column, DatasetContract

Value = str | int | float | bool | None
BOOLEANS: Mapping[str, str] = {"true": "1", "1": "1", "false": "0", "0": "0"}
LONGEST_INFERENCE_ID = 64


@dataclass(frozen=True)
class FieldProblem:
    field: str
    problem: str


class InvalidRequestError(Exception):
    """The request does not fit the contract; `problems` names every field that does not."""

    def __init__(self, problems: list[FieldProblem]) -> None:
        super().__init__("the request does not fit the contract of the dataset")
        self.problems = problems


@dataclass(frozen=True)
class PredictionRequest:
    inference_id: str
    csv: str


def parse(body: str, contract: DatasetContract) -> PredictionRequest:
    """Raises InvalidRequestError with every missing, unknown or wrongly typed field."""
    try:
        request = json.loads(body)
    except json.JSONDecodeError as error:
        raise InvalidRequestError([FieldProblem("", f"the body is not JSON: {error}")]) from error
    features = request.get("features") if isinstance(request, dict) else None
    if not isinstance(features, dict):
        raise InvalidRequestError([FieldProblem("features", "missing: an object of feature names and values")])
    problems = [FieldProblem(name, "unknown") for name in request if name not in ("features", "inference_id")]
    known = {column.name for column in contract.features}
    problems += [FieldProblem(f"features.{name}", "unknown") for name in features if name not in known]
    texts = []
    for column in contract.features:
        try:
            texts.append(_text(column, features.get(column.name)))
        except ValueError as error:
            problems.append(FieldProblem(f"features.{column.name}", str(error)))
    inference_id = request.get("inference_id", str(uuid.uuid4()))
    if not isinstance(inference_id, str) or not 0 < len(inference_id) <= LONGEST_INFERENCE_ID:
        problems.append(FieldProblem("inference_id", f"must be text of 1 to {LONGEST_INFERENCE_ID} characters"))
    if problems:
        raise InvalidRequestError(problems)
    return PredictionRequest(inference_id=inference_id, csv=",".join(texts))


def _text(column: Column, value: Value) -> str:
    """The value as the model reads it, nothing where it is missing. Raises ValueError saying what was expected."""
    if value is None:
        if column.nullable:
            return ""
        raise ValueError("missing")
    match column.type:
        case "category":
            return _category(column, value)
        case "boolean":
            return _boolean(value)
        case _:
            return _number(column, value)


def _category(column: Column, value: Value) -> str:
    if value not in column.allowed:
        raise ValueError(f"must be one of {', '.join(column.allowed)}")
    return str(column.allowed.index(str(value)))


def _boolean(value: Value) -> str:
    text = BOOLEANS.get(str(value).lower())
    if text is None:
        raise ValueError("must be true or false")
    return text


def _number(column: Column, value: Value) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"must be a number, not {json.dumps(value)}")
    if column.type == "integer" and value != int(value):
        raise ValueError(f"must be an integer, not {value}")
    if column.min is not None and value < column.min:
        raise ValueError(f"must be at least {column.min:g}")
    if column.max is not None and value > column.max:
        raise ValueError(f"must be at most {column.max:g}")
    return repr(value)
